"""An address as it was posted, before anything is looked up or connected to."""

import pytest

from purchases.targets import FetchRefused, target_of

REFUSED = {
    "ftp://shop.test/x": "Only http and https",
    "file:///etc/passwd": "Only http and https",
    "gopher://shop.test/": "Only http and https",
    "javascript:alert(1)": "Only http and https",
    "shop.test/product": "Only http and https",
    "//shop.test/product": "Only http and https",
    "": "Only http and https",
    "http://user:secret@shop.test/": "user name or password",
    "http://user@shop.test/": "user name or password",
    "http://shop.test@127.0.0.1/": "user name or password",
    "http://shop.test\\@127.0.0.1/": "backslashes",
    "http://shop.test\t/": "control characters",
    "http://shop.test/a b": "blanks",
    "http://shop.test/\r\nHost: x": "control characters",
    "http://": "not a host name",
    "http:///path": "not a host name",
    "http://[::1": "not a web address",
    "http://[fe80::1%25eth0]/": "not a host name",
    "http://shop..test/": "not a host name",
    "http://-shop.test/": "not a host name",
    "http://shop.test:99999/": "not a web address",
    "http://shop.test:0/": "Port 0",
    "http://shop.test:22/": "Port 22",
    "http://shop.test:6379/": "Port 6379",
    "https://shop.test:25/": "Port 25",
    # addresses in disguise
    "http://2130706433/": "not a host name",
    "http://0x7f000001/": "not a host name",
    "http://0x7f.1/": "not a host name",
    "http://127.1/": "not a host name",
    "http://0177.0.0.1/": "not a host name",
    "http://127.0.0.1.0x1/": "not a host name",
    "http://shop.test/" + "a" * 2000: "longer than 2000",
}


@pytest.mark.parametrize(("url", "why"), REFUSED.items())
def test_it_is_refused_with_a_reason(url, why):
    with pytest.raises(FetchRefused) as refused:
        target_of(url)
    assert why in refused.value.note


def test_a_secret_in_an_address_is_not_repeated_in_the_note():
    with pytest.raises(FetchRefused) as refused:
        target_of("https://user:hunter2@shop.test/")
    assert "hunter2" not in refused.value.note


@pytest.mark.parametrize(
    ("url", "authority", "sent"),
    [
        ("https://Shop.Test", "shop.test:443", "/"),
        ("http://shop.test.:80/a?b=c#d", "shop.test:80", "/a?b=c"),
        ("https://shop.test:8443/x", "shop.test:8443", "/x"),
        ("https://b\u00fccher.example/caf\u00e9?q=\u00e4", "xn--bcher-kva.example:443", "/caf%C3%A9?q=%C3%A4"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1:80", "/"),
        ("http://[2606:4700::1111]/", "[2606:4700::1111]:80", "/"),
        ("http://[::FFFF:127.0.0.1]/", "[::ffff:7f00:1]:80", "/"),
    ],
)
def test_it_is_read_as_it_is_connected_to_and_sent(url, authority, sent):
    target = target_of(url)
    assert (target.authority, target.path) == (authority, sent)


def test_a_port_that_is_allowed_by_name_is_taken_and_no_other(settings):
    settings.PURCHASE_ALLOWED_HOSTS = ["shop.test:9999"]
    assert target_of("http://SHOP.test:9999/").is_allowed_by_name
    assert not target_of("http://shop.test:8000/").is_allowed_by_name
    with pytest.raises(FetchRefused):
        target_of("http://other.test:9999/")


def test_this_shop_is_known_by_scheme_host_and_port(settings):
    settings.BASE_URL = "https://Shop.Test"
    assert target_of("https://shop.test:443/products/x").is_ours
    assert not target_of("http://shop.test/products/x").is_ours
    assert not target_of("https://shop.test:8443/products/x").is_ours
    assert not target_of("https://shop.test.evil.test/").is_ours
