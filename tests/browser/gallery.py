"""Every page and state that a shopper sees, and every mail, one after the other, each handed over to be pictured."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone

from carts.models import Cart
from catalog.models import Stock
from catalog.pictures import png
from checkouts.models import Checkout
from common import pay_links
from dashboard import mail_samples
from orders.links import token_of
from orders.models import Order
from payments import cancellation, links, refunds
from payments import services as payments
from payments.models import PaymentLink
from recovery.models import Step
from tests.browser.journey import fill_in, place
from tests.checkouts.pages.shopper import SHIRT
from tests.payments.builders import make_order
from tests.payments.linked import link_to, shop_cart
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time

Take = Callable[[str], None]
MUG = "/products/enamel-mug"

# Name and what it shows, in the order of the index; filled by the walk and held against it.
PAGES = {
    "home": "Home",
    "products": "All products",
    "product": "A product",
    "product-sold-out": "A product that is sold out",
    "cart-empty": "Empty cart",
    "cart": "Cart with a code",
    "cart-wrong-code": "Cart, a code that is not valid",
    "checkout-empty": "Checkout, nothing typed yet",
    "checkout-errors": "Checkout, errors",
    "checkout": "Checkout, filled in",
    "card-refused": "Checkout after a refused card",
    "approval": "The test gateway's page, in the bank's place",
    "pay-again": "An order whose approval was declined",
    "confirmation": "Confirmation",
    "order-shipped": "Order on its way",
    "order-part-paid": "Order paid in part",
    "order-refunded": "Order paid back",
    "order-canceled": "Order canceled",
    "checkout-returning": "Checkout of a returning shopper, sold out meanwhile",
    "session-expired": "A session that ran out",
    "recovery": "Back from a recovery mail",
    "recovery-bought": "Its cart was bought meanwhile",
    "unsubscribe": "No more reminders?",
    "unsubscribed": "No more reminders",
    "pay": "Payment link",
    "pay-part-paid": "Payment link of an order paid in part",
    "pay-paid": "Payment link, paid",
    "pay-expired": "Payment link, expired",
    "pay-unknown": "Payment link, unknown",
    "being-paid": "A payment whose answer is awaited",
    "not-found": "No such page",
    "busy": "The shop is busy",
    "server-error": "A fault of the shop",
}
MAILS = {
    **{f"mail-{name}": f"Mail: {title}" for name, (title, _) in mail_samples._OF_ORDERS.items()},
    "mail-recovery": "Mail: recovery",
    "mail-recovery-without-pictures": "Mail: recovery, pictures blocked",
}


def walk(page: Any, take: Take) -> None:
    """From the first look to the last state, in the demo shop."""
    for part in (_window, _checkout, _orders, _coming_back, _recovery, _links, _trouble):
        part(page, take)


def _at(page: Any, path: str, take: Take, name: str) -> None:
    page.goto(path)
    take(name)


def _press(page: Any, button: str) -> None:
    page.get_by_role("button", name=button).click()


def _window(page: Any, take: Take) -> None:
    _at(page, "/", take, "home")
    _at(page, "/products/", take, "products")
    _at(page, SHIRT, take, "product")
    stock = Stock.objects.filter(variant__product__slug="enamel-mug")
    before = dict(stock.values_list("pk", "on_hand"))
    stock.update(on_hand=0)
    _at(page, MUG, take, "product-sold-out")
    for pk, on_hand in before.items():
        Stock.objects.filter(pk=pk).update(on_hand=on_hand)
    _at(page, "/cart/", take, "cart-empty")


def _fill_cart(page: Any) -> None:
    for path in (SHIRT, MUG):
        page.goto(path)
        _press(page, "Add to cart")
        page.wait_for_url("**/cart/")


def _checkout(page: Any, take: Take) -> None:
    _fill_cart(page)
    page.fill("#code", "NOPE")
    _press(page, "Apply")
    page.locator("#code-error").wait_for()
    take("cart-wrong-code")
    page.fill("#code", "SUMMER25")
    _press(page, "Apply")
    page.get_by_text("SUMMER25 is applied").wait_for()
    take("cart")
    _press(page, "Go to checkout")
    page.wait_for_url("**/checkout/")
    take("checkout-empty")
    fill_in(page)
    take("checkout")
    page.goto("/checkout/")
    _press(page, "Place order")
    page.locator(".problems").wait_for()
    take("checkout-errors")
    fill_in(page)
    place(page, "tok_chargeDeclined")
    page.get_by_text("The payment did not go through.").wait_for()
    take("card-refused")
    place(page, "tok_threeDSecureRequired")
    page.get_by_role("button", name="Decline").wait_for()
    take("approval")
    _press(page, "Decline")
    page.get_by_role("button", name="Pay ").wait_for()
    take("pay-again")
    _press(page, "Pay ")
    page.get_by_text("Your order is confirmed.").wait_for()
    take("confirmation")


def _orders(page: Any, take: Take) -> None:
    order = Order.objects.latest("id")
    path = f"/orders/{token_of(order)}"
    sent = {"shipped_at": timezone.now(), "carrier": "Royal Mail", "tracking_number": "RM 1234 5678 9GB"}
    Order.objects.filter(pk=order.pk).update(**sent)
    _at(page, path, take, "order-shipped")
    refunds.refund_order(order.pk, reason="Came back", request_key="gallery")
    _at(page, path, take, "order-refunded")
    another = _bought()
    cancellation.write(another.pk, pays_back=True, reason="", request_key="gallery", created_by="")
    _at(page, f"/orders/{token_of(another)}", take, "order-canceled")


def _bought() -> Order:
    return payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order


def _coming_back(page: Any, take: Take) -> None:
    page.goto(SHIRT)
    _press(page, "Add to cart")
    shelves = dict(Stock.objects.values_list("pk", "on_hand"))
    Stock.objects.update(on_hand=0)
    _at(page, "/checkout/", take, "checkout-returning")
    for pk, on_hand in shelves.items():
        Stock.objects.filter(pk=pk).update(on_hand=on_hand)
    page.goto("/cart/")
    Checkout.objects.update(expires_at=timezone.now())
    _at(page, "/cart/", take, "session-expired")


def _recovery(page: Any, take: Take) -> None:
    cart = make_abandoned(full_name="Ada Lovelace", ago=timedelta(hours=2))
    Time().run()
    body = mail.outbox[-1].body
    landing = "/recover/" + body.split("/recover/")[1].split()[0]
    unsubscribe = "/unsubscribe/" + body.split("/unsubscribe/")[1].split()[0]
    _at(page, landing, take, "recovery")
    _at(page, unsubscribe, take, "unsubscribe")
    _press(page, "No more mails like this")
    page.get_by_role("status").wait_for()
    take("unsubscribed")
    Cart.objects.filter(pk=cart.pk).update(status="converted")
    _at(page, landing, take, "recovery-bought")


def _path_of(link: PaymentLink) -> str:
    return f"/pay/{pay_links.token_of(link.salt)}"


def _links(page: Any, take: Take) -> None:
    link = link_to(shop_cart(pieces=2))
    _at(page, _path_of(link), take, "pay")
    _press(page, "Go on to pay")
    _press(page, "Approve")
    page.get_by_text("Your order is confirmed.").wait_for()
    _at(page, _path_of(link), take, "pay-paid")
    order = make_order()
    Order.objects.filter(pk=order.pk).update(takes_parts=True, captured_amount=1000)
    part_paid = links.for_order(order.pk)[0]
    _at(page, _path_of(part_paid), take, "pay-part-paid")
    expired = link_to(shop_cart())
    PaymentLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    _at(page, _path_of(expired), take, "pay-expired")
    _at(page, "/pay/unknown", take, "pay-unknown")
    reported = {"provider": "paypal", "gateway": "unverified", "is_reported": True, "status": "captured"}
    order.payments.create(currency="USD", amount=1000, captured_amount=1000, idempotency_key="gallery", **reported)
    _at(page, f"/orders/{token_of(order)}", take, "order-part-paid")


def _trouble(page: Any, take: Take) -> None:
    _at(page, "/nowhere", take, "not-found")
    for template, name in (
        ("500.html", "server-error"),
        ("checkouts/busy.html", "busy"),
        ("checkouts/being_paid.html", "being-paid"),
    ):
        page.goto("/healthz")
        page.set_content(render_to_string(template))
        take(name)


def mails() -> Iterator[tuple[str, str]]:
    """Name and HTML of each; their pictures are put into them, so that no server is asked."""
    for name in mail_samples._OF_ORDERS:
        yield f"mail-{name}", mail_samples.write(name, "en").html
    step = Step.objects.order_by("delay_seconds").first()
    html = mail_samples.write(f"step-{step.pk}", "en").html
    yield "mail-recovery", _PICTURE.sub(_drawn, html)
    yield "mail-recovery-without-pictures", _PICTURE.sub('src="data:image/png;base64,"', html)


_PICTURE = re.compile(r'src="[^"]*/pictures/([a-z0-9-]+)\.png"')


def _drawn(found: re.Match[str]) -> str:
    return f'src="data:image/png;base64,{b64encode(png(found[1]) or b"").decode()}"'


def index(sizes: dict[str, int]) -> str:
    """The folder's README. `sizes`: bytes of each file, by name."""
    lines = ["# Gallery", "", "What shoppers see in the demo shop: each page, state and mail on a phone (390) and at a"]
    lines += ["desk (1280), by day and by night. Made by `make gallery`."]
    for title, names in (("Pages", PAGES), ("Mails", MAILS)):
        lines += ["", f"## {title}"]
        for name, shows in names.items():
            files = [file for file in sorted(sizes) if file.rsplit("-", 2)[0] == name]
            pictures = " ".join(f'<img src="{file}" alt="" height="260">' for file in files)
            lines += ["", f"### {shows}", "", pictures]
    return "\n".join([*lines, ""])
