"""Which addresses are public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchases.addresses import is_public

NOT_PUBLIC = {
    "this machine": "127.0.0.1",
    "this machine by another number": "127.255.255.254",
    "this machine, version 6": "::1",
    "nowhere": "0.0.0.0",
    "nowhere, version 6": "::",
    "private 10": "10.0.0.1",
    "private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "metadata of the clouds": "169.254.169.254",
    "metadata at Alibaba": "100.100.100.200",
    "metadata at Oracle": "192.0.0.192",
    "metadata at AWS, version 6": "fd00:ec2::254",
    "a carrier's own": "100.64.0.1",
    "benchmarks": "198.19.0.1",
    "documentation": "203.0.113.7",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "link-local, version 6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "a public one with a zone": "2606:4700::1111%eth0",
    "unique local": "fc00::1",
    "site-local": "fec0::1",
    "multicast, version 6": "ff02::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped loopback in hexadecimal": "::ffff:7f00:1",
    "mapped public": "::ffff:93.184.216.34",
    "compatible loopback": "::127.0.0.1",
    "NAT64 of a private one": "64:ff9b::10.0.0.1",
    "local NAT64": "64:ff9b:1::a00:1",
    "6to4 of loopback": "2002:7f00:1::",
    "Teredo": "2001:0:53aa:64c::1",
    "ORCHID": "2001:20::1",
    "documentation, version 6": "2001:db8::1",
    "newer documentation": "3fff::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
    "no address": "shop.example",
    "an odd spelling": "0177.0.0.1",
    "nothing": "",
}


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_it_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111"])
def test_it_is_public(address):
    assert is_public(address)


@given(st.ip_addresses())
def test_what_the_standard_library_knows_not_to_be_global_is_not_public(address):
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast
