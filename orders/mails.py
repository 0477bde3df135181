"""What we write to somebody who bought."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext

from orders.links import token_of
from orders.models import Order


def order_url(order: Order) -> str:
    return f"{settings.BASE_URL}/orders/{token_of(order)}"


def confirmation_id(order: Order, *, again: str = "") -> str:
    """The same for every try: a confirmation that is sent again is still one mail. `again`: staff's wish for another
    one, which is a mail of its own."""
    return _message_id("confirmation", order, *([again] if again else []))


def _message_id(kind: str, order: Order, *parts: str) -> str:
    return f"<{'.'.join((kind, order.public_id.hex, *parts))}@{urlsplit(settings.BASE_URL).hostname}>"


def _named(order: Order) -> dict[str, str]:
    return {"number": order.number or "", "shop": settings.SHOP_NAME}


def send_confirmation(order_id: int, *, again: str = "") -> None:
    """One plain mail to the buyer of an accepted order; none to one who left no address."""
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    if not order.email:
        return
    context = {
        "order": order,
        "shop_name": settings.SHOP_NAME,
        "order_url": order_url(order),
        "is_simulated": order.payments.filter(gateway="test").exists(),
    }
    EmailMessage(
        subject=gettext("Your order %(number)s at %(shop)s") % _named(order),
        body=render_to_string("orders/mail/confirmation.txt", context),
        to=[order.email],
        headers={"Message-ID": confirmation_id(order, again=again)},
    ).send()


def send_shipped(order_id: int) -> None:
    """One plain mail that the goods are on their way; none to one who left no address."""
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    if not order.email:
        return
    context = {"order": order, "shop_name": settings.SHOP_NAME, "order_url": order_url(order)}
    EmailMessage(
        subject=gettext("Your order %(number)s at %(shop)s is on its way") % _named(order),
        body=render_to_string("orders/mail/shipped.txt", context),
        to=[order.email],
        headers={"Message-ID": _message_id("shipped", order)},
    ).send()
