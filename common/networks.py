"""An address in part: enough to prove where something came from, too little to say who it was."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

_KEPT_BITS = {4: 24, 6: 48}


def network_of(address: str) -> str:
    """203.0.113.77 -> 203.0.113.0, 2001:db8:1:2::3 -> 2001:db8:1::; '' for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((parsed, _KEPT_BITS[parsed.version]), strict=False).network_address)
