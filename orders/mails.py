"""What we write to somebody who bought: in the language that is being spoken, sent in the order's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext, pgettext

from common import languages, mails
from common.mails import Letter, Link, Row
from common.templatetags.shop import address_lines, country, money
from orders.links import token_of
from orders.models import Order

Labeled = tuple[tuple[str, str], ...]


def order_url(order: Order) -> str:
    return f"{settings.BASE_URL}/orders/{token_of(order)}"


def confirmation_id(order: Order, *, again: str = "") -> str:
    """The same for every try: a confirmation that is sent again is still one mail. `again`: staff's wish for another
    one, which is a mail of its own."""
    return mails.message_id("confirmation", order.public_id.hex, *([again] if again else []))


# --- sending --------------------------------------------------------------------------------------
def send_confirmation(order_id: int, *, again: str = "") -> str:
    """To the buyer of an accepted order. This and the others say what became of the mail."""
    order = with_lines(order_id)
    return send(
        order, lambda: confirmation(order, is_simulated=is_simulated(order)), confirmation_id(order, again=again)
    )


def send_shipped(order_id: int) -> str:
    """That the goods are on their way."""
    order = with_lines(order_id)
    return send(order, lambda: shipped(order), mails.message_id("shipped", order.public_id.hex))


def with_lines(order_id: int) -> Order:
    return Order.objects.prefetch_related("lines").get(pk=order_id)


def is_simulated(order: Order) -> bool:
    return order.payments.filter(gateway="test").exists()


def send(order: Order, write: Callable[[], Letter], message_id: str) -> str:
    """To the order's buyer, in the language frozen on the order; nothing to one who left no address."""
    if not order.email:
        return mails.left_out("the order has no e-mail address")
    with languages.writing_to(order.language):
        letter = write()
    mails.send(letter, to=order.email, message_id=message_id)
    return mails.SENT


# --- what they say --------------------------------------------------------------------------------
def confirmation(order: Order, *, is_simulated: bool = False) -> Letter:
    demo = gettext("This is a demonstration: the payment was simulated, no money moved.")
    return Letter(
        subject=gettext("Your order %(number)s at %(shop)s") % named(order),
        title=gettext("Thank you for your order at %(shop_name)s.") % {"shop_name": settings.SHOP_NAME},
        paragraphs=(gettext("Order %(number)s") % named(order), *([demo] if is_simulated else [])),
        rows=rows_of(order),
        sums=sums_of(order),
        facts=_where_to(order),
        button=button_to(order),
    )


def shipped(order: Order) -> Letter:
    title = gettext("Your order %(number)s at %(shop_name)s is on its way.")
    with_whom = (
        (pgettext("the carrier", "With"), order.carrier),
        (gettext("Tracking"), order.tracking_number),
    )
    return Letter(
        subject=gettext("Your order %(number)s at %(shop)s is on its way") % named(order),
        title=title % {"number": order.number or "", "shop_name": settings.SHOP_NAME},
        paragraphs=(),
        rows=rows_of(order, with_amounts=False),
        facts=(*(fact for fact in with_whom if fact[1]), *_where_to(order)),
        button=button_to(order),
    )


# --- parts of them --------------------------------------------------------------------------------
def named(order: Order) -> dict[str, str]:
    return {"number": order.number or "", "shop": settings.SHOP_NAME}


def button_to(order: Order) -> Link:
    return Link(gettext("See your order"), order_url(order))


def rows_of(order: Order, *, with_amounts: bool = True) -> tuple[Row, ...]:
    return tuple(
        Row(
            line.product_name,
            line.variant_name,
            line.quantity,
            money(line.unit_amount, order.currency) if with_amounts else "",
            money(line.amount, order.currency) if with_amounts else "",
        )
        for line in order.lines.all()
    )


def sums_of(order: Order) -> Labeled:
    def sum_of(label: str, name: str, amount: int, sign: str = "") -> tuple[str, str]:
        return f"{label} ({name})" if name else label, f"{sign}{money(amount, order.currency)}"

    parts = [sum_of(gettext("Items"), "", order.items_amount)]
    if order.discount_amount:
        parts.append(sum_of(gettext("Discount"), order.discount_code, order.discount_amount, "−"))
    if order.shipping_amount or order.shipping_method_name:
        parts.append(sum_of(gettext("Shipping"), order.shipping_method_name, order.shipping_amount))
    if order.tax_amount:
        parts.append(sum_of(gettext("Tax"), "", order.tax_amount))
    total = (gettext("Total"), money(order.total_amount, order.currency))
    return (*parts, total) if len(parts) > 1 else (total,)


def _where_to(order: Order) -> Labeled:
    address = order.shipping_address
    if not address:
        return ()
    name = order.full_name or order.email
    lines = (name, *address_lines(address), country(address.get("country", "")))
    return ((pgettext("whom it is sent to", "To"), ", ".join(line for line in lines if line)),)
