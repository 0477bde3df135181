"""What a mail provider tells us afterwards: that an address does not exist, or that its owner wants no such mails."""

from __future__ import annotations

from carts.models import Identity
from common.persons import email_key
from recovery import suppression
from recovery.models import Message
from recovery.states import SuppressedBecause


def heard(email: str, because: SuppressedBecause, *, source: str) -> bool:
    """No recovery mail to this address any more; confirmations of what they buy still go there. True when it is new.

    An address no mail of this shop can have gone to is left alone: the provider's account may serve others, too.
    Raises DomainError(BUSY).
    """
    return _is_known(email_key(email)) and suppression.suppress(email, because, source=source)


def _is_known(person: str) -> bool:
    return Message.objects.filter(person=person).exists() or Identity.objects.filter(pk=person).exists()
