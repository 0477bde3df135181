"""What each recovery figure means: the lengths of time, and the sentences that stand beside the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from analytics import figures

# Without the link, a purchase is put down to the last mail for so long. Longer ones credit mails with what would have
# come anyway.
ASSIST_WINDOW = timedelta(days=7)
# For so long each person is watched after they were first fit to get a mail: the usual sequence and some days more.
COMPARE_WINDOW = timedelta(days=14)

# How far a checkout came: each step is one condition, and those of a later one have passed the earlier ones, too.
STEPS: dict[str, Q] = {
    "begun": Q(),
    "address": ~Q(shipping_address={}) | Q(order__isnull=False),
    "shipping": Q(shipping_method__isnull=False) | Q(order__isnull=False),
    "placed": Q(order__isnull=False),
    "paid": Q(order__accepted_at__isnull=False),
}
STEP_TITLES = {
    "begun": "Begun",
    "address": "Address given",
    "shipping": "Shipping chosen",
    "placed": "Order placed",
    "paid": "Paid",
}

REVENUE = (
    "What was paid for the orders accepted in these days and stays: refunds are taken off, also those on their way, on "
    "the day their order was accepted. Each currency by itself."
)
ORDERS = "Orders accepted in these days, whatever became of them since."
CONVERSION = "Of the checkouts begun in these days, those whose order was accepted, so far."
ABANDONED = "What carts were worth when they were first abandoned, in these days. The recovered are among them."
RECOVERED = "What those of them were worth that were bought afterwards, in whatever way the shopper came back."
DIRECT = "Carts bought after a press of the button behind a mail's link. The mail whose button was pressed last counts."
ASSISTED = (
    f"Carts bought within {ASSIST_WINDOW.days} days after a mail about them was sent, without any such press. The last "
    "mail before the purchase counts. They might have been bought anyway."
)
EXTRA = (
    "What the mails added: people who may get mails against people of the control group, who get none. Both are drawn "
    f"by lot, enter when a mail is first fit to go, and are watched for {COMPARE_WINDOW.days} days; whatever they buy "
    "in that time counts, in whichever cart. Only people whose time is over are counted."
)
REFUSED = (
    "Carts on which a shopper was refused something of this kind in these days, each cart once a kind. The same once "
    "more counts on the day it was first met. Carts that were removed since are not counted."
)
MONEY = (
    "Amounts are what was paid and stays: without refunds, also those on their way, without money that goes back, of "
    "each currency by itself. Purchases that another store told us of count, their amounts are not known here."
)


@dataclass(frozen=True)
class Period:
    """Whole days in the shop's time zone, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return figures.start_of(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return figures.start_of(self.last + timedelta(days=1))
