"""A payment link on its way to whoever is to pay it."""

from __future__ import annotations

from checkouts.linked_carts import draft_of
from common import languages, mails
from common.pay_links import token_of
from payments import link_payments, links
from payments.mails import asked_to_pay
from payments.models import PaymentLink
from payments.states import LinkState


def send(link_id: int, *, wish: str) -> None:
    """What it asks for at this moment; nothing where it is paid, over or changed by now."""
    link = PaymentLink.objects.select_related("order").get(pk=link_id)
    view = link_payments.look(token_of(link.salt), draft_of=draft_of)
    email, language = links.recipient_of(link)
    if view is None or view.state != LinkState.OPEN or view.owed is None or not email:
        return
    with languages.writing_to(language):
        letter = asked_to_pay(view.owed, link, links.address_of(link))
    mails.send(letter, to=email, message_id=mails.message_id("payment_link", str(link.pk), wish))
