"""Whose address counts."""

import pytest

from common.client import client_address

PROXIES = ["10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48"]
CASES = {
    "a stranger may not name an address": ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
    "a proxy may": ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    "a proxy that names nobody": ("10.0.0.1", "", "10.0.0.1"),
    "the nearest stranger counts, not what it claims": ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
    "proxies behind each other": ("10.0.0.1", "1.1.1.1, 198.51.100.1, 192.0.2.1", "198.51.100.1"),
    "all are proxies": ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    "a port": ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
    "ipv6": ("2001:db8:ffff::1", "2001:db8::5", "2001:db8::5"),
    "ipv6 in brackets with a port": ("10.0.0.1", "[2001:db8::5]:443", "2001:db8::5"),
    "ipv6 written at length": ("10.0.0.1", "2001:0db8:0:0:0:0:0:5", "2001:db8::5"),
    "an ipv4 peer in ipv6 clothes": ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    "nonsense ends the reading": ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
    "nonsense behind a stranger does not matter": ("10.0.0.1", "<script>, 198.51.100.1", "198.51.100.1"),
    "no peer": ("", "198.51.100.1", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_the_address_that_counts_is_the_nearest_one_we_do_not_trust(name):
    peer, forwarded, expected = CASES[name]
    assert client_address({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}, PROXIES) == expected


def test_without_trusted_proxies_nobody_is_believed():
    assert client_address({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1"}, []) == "127.0.0.1"


def test_the_header_may_be_missing():
    assert client_address({"REMOTE_ADDR": "10.0.0.1"}, PROXIES) == "10.0.0.1"
