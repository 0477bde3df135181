"""The address a request came from. X-Forwarded-For is believed only as far as trusted proxies wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


_IPV6_HOME = 64  # bits: what one household or server is given, and can choose addresses from


def home_of(address: str) -> str:
    """What counts as one client for a limit: an IPv4 address, or the network that an IPv6 address was chosen from."""
    return str(ip_network((ip_address(address), _IPV6_HOME), strict=False)) if ":" in address else address


def address_of(request: HttpRequest) -> str:
    return client_address(request.META, settings.TRUSTED_PROXIES)


def client_address(request_meta: Mapping[str, Any], trusted_proxies: Sequence[str]) -> str:
    """The nearest address that is no trusted proxy of ours; '' when the server knows no address (a Unix socket).

    `trusted_proxies`: addresses or networks ("10.0.0.0/8"). Each proxy appends the peer it saw, so the list is read
    from the right; what stands left of the first stranger is the stranger's own claim. An unreadable entry ends the
    reading at the last proxy that was believed.
    """
    peer = _address(request_meta.get("REMOTE_ADDR", ""))
    if peer is None:
        return ""
    trusted = _networks(tuple(trusted_proxies))
    found = peer
    for claim in reversed(request_meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(claim)
        if address is None or not _is_in(found, trusted):
            break
        found = address
    return str(found)


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


@lru_cache
def _networks(words: tuple[str, ...]) -> Networks:
    return tuple(ip_network(word, strict=False) for word in words)


def _address(text: str) -> Address | None:
    """1.2.3.4, 1.2.3.4:80, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:80."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
