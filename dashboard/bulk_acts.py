"""What can be done to the ticked rows of the lists of carts, checkouts and orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import User
from carts.models import Cart
from dashboard import acts
from dashboard.bulk import NO_CHANGE, Act, Bulk, Press
from dashboard.send_form import SendForm, number_field, why_not
from orders.models import Order

SENT_ALREADY = "Sent already: it keeps what was said then"
_LINKS_WARNING = "An address each under which it can be paid once, at the prices of now."
_LINKS_DONE = ("new payment link: see Payment links", "new payment links: see Payment links")


def _once(verb: Callable[..., bool]) -> Act:
    """Of a verb that answers whether this press did it."""

    def act(row: Any, press: Press) -> str:
        by: User = press.by
        return "" if verb(row, by=by) else NO_CHANGE

    return act


def _send_mail(cart: Cart, press: Press) -> str:
    return acts.send_recovery_mail(cart, pressed_at=press.at, by=press.by)


def _send_order(order: Order, press: Press) -> str:
    name = number_field(order)
    if name not in press.given:
        return SENT_ALREADY if order.shipped_at else why_not(order)
    is_new = acts.ship_unsent(order.pk, carrier=press.given["carrier"], tracking_number=press.given[name], by=press.by)
    return "" if is_new else SENT_ALREADY


SEND_ORDERS = Bulk(
    "Mark as sent",
    "Pressing Mark as sent says that these goods are on their way, and writes to each shopper once, with what stands "
    "here. Carrier and number can be put right later on the order's page; nobody is written to again then.",
    ("order sent", "orders sent"),
    _send_order,
    form=SendForm,
    template="admin/bulk_send.html",
    name_of=str,
)
MAIL_CARTS = Bulk(
    "Send recovery mail now",
    "The next mail of each cart's sequence goes out before its time. Everything else is asked as ever: nobody is "
    "written to who has bought, has unsubscribed, is in the control group, had a mail a short while ago, or sleeps.",
    ("mail sent", "mails sent"),
    _send_mail,
)
EXPIRE_CARTS = Bulk(
    "Expire",
    "Nobody is written to about these carts any more. Who comes back by themselves can still buy.",
    ("cart given up", "carts given up"),
    _once(acts.expire_cart),
)
EXPIRE_CHECKOUTS = Bulk(
    "Expire",
    "Their shoppers can no longer buy with them; the carts stay.",
    ("checkout ended", "checkouts ended"),
    _once(acts.expire_checkout),
)
REOPEN_CHECKOUTS = Bulk(
    "Reopen",
    "Their shoppers can go on where they stopped, for the usual time.",
    ("checkout active again", "checkouts active again"),
    _once(acts.reopen_checkout),
)
RUN_EVENTS_AGAIN = Bulk(
    "Run again",
    "Failed events begin anew with all their attempts, waiting ones do not wait any longer. Handlers do nothing twice.",
    ("event will be run now", "events will be run now"),
    _once(acts.run_event_again),
)
REPLAY_EVENTS = Bulk(
    "Replay",
    "The gateways are asked again about their payments. Nothing is done twice.",
    ("event will be worked on again now", "events will be worked on again now"),
    _once(acts.replay_gateway_event),
)
LINKS_OF_CARTS = Bulk("Make payment links", _LINKS_WARNING, _LINKS_DONE, _once(acts.link_of_cart))
LINKS_OF_CHECKOUTS = Bulk("Make payment links", _LINKS_WARNING, _LINKS_DONE, _once(acts.link_of_checkout))
LINKS_OF_ORDERS = Bulk("Make payment links", _LINKS_WARNING, _LINKS_DONE, _once(acts.link_of_order))
