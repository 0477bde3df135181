"""The box beside the e-mail address, where the shop asks before it reminds: RECOVERY_AUDIENCE is `consent`.

Ticking it is a fact that goes up by an event; the proof of it is recovery's.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from common.client import address_of
from common.networks import network_of
from common.persons import email_key, hint_of
from common.transactions import in_transaction
from outbox import services as outbox

AGREED_EVENT = "shopper.agreed"
FIELD = "may_remind"
# Another wording is another version: the proof says to which words somebody agreed.
VERSION = "2026-01"
SOURCE = "checkout page"


def is_asked() -> bool:
    return bool(settings.RECOVERY_AUDIENCE == "consent")


def text() -> str:
    sentence = gettext(
        "%(shop)s may remind me by e-mail of things I leave in my cart. I can end this by a link in every mail."
    )
    return sentence % {"shop": settings.SHOP_NAME}


def note(request: HttpRequest, *, cart_id: int, email: str) -> None:
    """Once a cart and address, whatever is pressed how often; nothing where the box is not ticked or not there."""
    person = email_key(email)
    if is_asked() and person and request.POST.get(FIELD):
        _record(cart_id, person, hint_of(email), network_of(address_of(request)))


@in_transaction
def _record(cart_id: int, person: str, hint: str, network: str) -> None:
    payload = {
        "person": person,
        "hint": hint,
        "text_version": VERSION,
        "text": text(),
        "network": network,
        "source": SOURCE,
    }
    outbox.record(AGREED_EVENT, payload, key=f"{AGREED_EVENT}:{cart_id}:{VERSION}:{person}")
