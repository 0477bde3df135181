"""No more recovery mails, by the token that every one of them carries. It does not expire."""

from __future__ import annotations

from common.persons import hint_of
from recovery import suppression
from recovery.models import Message, Suppression
from recovery.states import SuppressedBecause
from recovery.tokens import digest_of


def _message(token: str) -> Message | None:
    messages = Message.objects.select_related("enrolment__cart")
    return messages.filter(unsubscribe_hash=digest_of(token)).first()


def is_known(token: str) -> bool:
    return _message(token) is not None


def is_done(token: str) -> bool:
    message = _message(token)
    return message is not None and Suppression.objects.filter(person=message.person).exists()


def unsubscribe(token: str) -> bool:
    """False for a token we did not give out. Doing it twice is harmless. Raises DomainError(BUSY)."""
    message = _message(token)
    if message is None:
        return False
    cart = message.enrolment.cart
    suppression.suppress_person(
        message.person,
        SuppressedBecause.UNSUBSCRIBED,
        hint=hint_of(cart.email) if cart else "",
        source=f"message {message.pk}",
    )
    return True
