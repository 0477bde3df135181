"""An address that somebody posted, read once: what is connected to, checked and sent all come from here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

import idna
from django.conf import settings

from purchases.notes import quoted

MAX_URL = 2000  # characters
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORTS = {80, 443, 8000, 8080, 8443}  # others could be anything: a shop there must be allowed by name
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_KEPT = "!$%&'()*+,/:;=?@~-._[]"


class FetchError(Exception):
    """Nothing to read there. `note` is for a person."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


class FetchRefused(FetchError):
    """We do not go there; asking again is no use."""


class FetchFailed(FetchError):
    """We went there and got nothing usable. `is_temporary`: another time it may go well."""

    def __init__(self, note: str, *, is_temporary: bool = False) -> None:
        super().__init__(note)
        self.is_temporary = is_temporary


@dataclass(frozen=True)
class Target:
    scheme: str
    host: str  # small letters, no brackets, IDNA
    port: int
    path: str  # with its query, as it is sent

    @property
    def authority(self) -> str:
        """host:port, always with the port; an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """https://shop.example, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        return self.origin + self.path

    @property
    def is_ours(self) -> bool:
        return self.origin == own_origin()

    @property
    def is_allowed_by_name(self) -> bool:
        """PURCHASE_ALLOWED_HOSTS: may be fetched although its address is not public."""
        return self.authority in {host.strip().lower() for host in settings.PURCHASE_ALLOWED_HOSTS}

    def joined(self, location: str) -> Target:
        """Where a redirect of this page leads to. Raises FetchRefused."""
        try:
            return target_of(urljoin(self.url, location))
        except ValueError as error:
            raise FetchRefused(f"{self.host} sends on to something that is no web address.") from error


def own_origin() -> str:
    return _read(settings.BASE_URL).origin


def target_of(url: str) -> Target:
    """The address to connect to. Raises FetchRefused: what it is instead of a web address we go to."""
    target = _read(url)
    if not (target.port in _PORTS or target.is_ours or target.is_allowed_by_name):
        raise FetchRefused(f"Port {target.port} of {target.host} is not one that shops use.")
    return target


def _read(url: str) -> Target:
    if len(url) > MAX_URL:
        raise FetchRefused(f"The address is longer than {MAX_URL} characters.")
    if _FORBIDDEN.search(url):
        raise FetchRefused("The address has blanks, control characters or backslashes in it.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise FetchRefused(f"{quoted(url)} is not a web address.") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise FetchRefused(f"Only http and https addresses can be bought from, not {quoted(parts.scheme or url)}.")
    if "@" in parts.netloc:
        raise FetchRefused("The address has a user name or password in it; leave them out.")
    if port == 0:
        raise FetchRefused("Port 0 is not one that shops use.")
    path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Target(parts.scheme, _host(host), port or _DEFAULT_PORTS[parts.scheme], path)


def _host(host: str) -> str:
    """As it is resolved and sent. Raises FetchRefused."""
    try:
        if ":" in host:
            return str(IPv6Address(host if "%" not in host else ""))
        ascii_host = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
        labels = ascii_host.removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):  # 127.1, 0x7f000001, 2130706433, 0177.0.0.1: an address in disguise
            return str(IPv4Address(ascii_host))
    except (ValueError, UnicodeError) as error:  # idna.IDNAError is a UnicodeError
        raise FetchRefused(f"{quoted(host)} is not a host name.") from error
    if len(ascii_host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise FetchRefused(f"{quoted(host)} is not a host name.")
    return ascii_host.removesuffix(".")
