"""The address of an order's page: a signed id, so that it cannot be guessed and nothing need be stored."""

from __future__ import annotations

from django.core import signing

from orders.models import Order

_signer = signing.Signer(salt="orders.links", sep=".")


def token_of(order: Order) -> str:
    return _signer.sign(order.public_id.hex)


def public_id_of(token: str) -> str | None:
    """The order's public id as 32 hex digits, or None for a token we did not sign."""
    try:
        return _signer.unsign(token)
    except signing.BadSignature:
        return None


def find(token: str) -> Order | None:
    public_id = public_id_of(token)
    return Order.objects.filter(public_id=public_id).first() if public_id else None
