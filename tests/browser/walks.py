"""Ways through the shop, from the first page to the last, each with whatever hands it is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from catalog.models import Stock
from checkouts.models import Checkout
from common import pay_links
from orders.links import token_of
from orders.models import Order
from payments import links, refunds
from payments import services as payments
from recovery.models import Sequence
from tests.browser.hands import Hands
from tests.browser.journey import ADDRESS, CONTACT
from tests.checkouts.pages.shopper import SHIRT
from tests.payments.builders import make_order
from tests.payments.linked import link_to, shop_cart
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, make_sequence

DONE = "Your order is confirmed."
DECLINED, GOOD, AT_THE_BANK = (
    "Card that is declined",
    "Visa that is accepted",
    "Visa that asks for your approval (3-D Secure)",
)


# --- steps ----------------------------------------------------------------------------------------
def _to_checkout(hands: Hands) -> None:
    hands.page.goto(SHIRT)
    hands.press("Add to cart")
    hands.is_at("/cart/")
    hands.press("Go to checkout")
    hands.is_at("/checkout/")


def _fill_in(hands: Hands, **instead: str) -> None:
    """`instead`: other texts, by the ends of their fields' names."""
    for field, text in CONTACT.items():
        hands.write(field, instead.get(field.rpartition("_")[2], text))
    hands.pick("#id_shipping-country", "United States")
    if not hands.javascript:
        hands.press("Update", within=".country:has(#id_shipping-country)")
        hands.page.locator("select#id_shipping-state option[value=CA]").wait_for(state="attached")
    else:  # typed letter by letter, other countries come first
        hands.page.locator("[data-said]").filter(has_text="United States now.").wait_for(state="attached")
    for field, text in ADDRESS.items():
        wanted = instead.get(field.rpartition("-")[2], text)
        hands.pick(field, wanted) if field.startswith("select") else hands.write(field, wanted)


def _place(hands: Hands, card: str = GOOD) -> None:
    hands.pick("#id_test_card", card)
    hands.press("Place order")


def _is_bought(hands: Hands) -> None:
    hands.waits_for(DONE)
    hands.is_at("/orders/*")


# --- walks ----------------------------------------------------------------------------------------
def buy(hands: Hands) -> None:
    hands.page.goto("/")
    hands.see("home")
    hands.follow("Products")
    hands.is_at("/products/")
    hands.see("products")
    hands.follow("Organic Cotton T-Shirt")
    hands.waits_for("Choose one")
    hands.see("product")
    hands.choose("Large / Blue")
    hands.press("Add to cart")
    hands.is_at("/cart/")
    hands.see("cart")
    hands.write("#code", "SUMMER25")
    hands.press("Apply")
    hands.waits_for("is applied")
    hands.see("cart with a code")
    hands.press("Go to checkout")
    hands.is_at("/checkout/")
    hands.see("checkout")
    _fill_in(hands)
    hands.choose("Express Shipping")
    hands.see("checkout, filled in")
    _place(hands)
    _is_bought(hands)
    hands.see("confirmation")
    order = Order.objects.latest("pk")
    assert (order.lines.get().variant_name, order.captured_amount) == ("Large / Blue", 3373)


def meet_a_refused_card(hands: Hands) -> None:
    _to_checkout(hands)
    _fill_in(hands)
    _place(hands, DECLINED)
    hands.waits_for("The payment did not go through.")
    hands.has_focus_on("The payment did not go through.")
    hands.see("checkout after a refused card")
    hands.follow("Go to the payment")
    assert hands.page.evaluate("document.activeElement.id") == "id_provider"
    _place(hands, AT_THE_BANK)
    hands.waits_for("Approve a payment of")
    hands.see("the bank's page")
    hands.press("Decline")
    hands.waits_for("The payment did not go through")
    hands.see("order to be paid again")
    hands.pick("#id_test_card", GOOD)
    hands.press("Pay $")
    _is_bought(hands)


def find_it_sold_out(hands: Hands) -> None:
    _to_checkout(hands)
    _fill_in(hands)
    Stock.objects.update(on_hand=2)
    hands.write(".lines .number", "3")
    hands.press("Place order")
    hands.has_error_summary("Only 2 of Organic Cotton T-Shirt (Medium / Blue) are left.", ".lines .number")
    hands.see("checkout with too many pieces")
    hands.write(".lines .number", "2")
    hands.press("Update quantities")
    hands.page.locator(".lines").get_by_text("$24.99 each").wait_for()
    assert hands.page.locator(".problems").count() == 0
    Stock.objects.update(on_hand=0)
    hands.press("Place order")
    hands.has_error_summary("Organic Cotton T-Shirt (Medium / Blue) is sold out.", ".lines .number")
    hands.see("checkout, sold out meanwhile")
    hands.press("Remove Organic Cotton T-Shirt")
    hands.waits_for("Your cart is empty.")
    hands.see("empty cart")
    hands.follow("See the products")
    hands.waits_for("Sold out")
    hands.see("products, sold out")
    hands.follow("Organic Cotton T-Shirt")
    hands.waits_for("Sold out. It may come back.")
    hands.see("product, sold out")
    Stock.objects.update(on_hand=5000)


def come_back_too_late(hands: Hands) -> None:
    _to_checkout(hands)
    _fill_in(hands)
    Checkout.objects.update(expires_at=timezone.now())
    hands.press("Place order")
    hands.waits_for("Your session had ended meanwhile.")
    hands.has_focus_on("Your session had ended meanwhile.")
    hands.see("checkout of a session that had ended")
    Checkout.objects.update(expires_at=timezone.now())
    hands.page.goto("/cart/")
    hands.waits_for("Your session has expired")
    hands.see("cart of a session that ran out")
    hands.press("Put everything back in the cart")
    hands.waits_for("Everything is back in your cart.")
    hands.see("cart that is back")
    hands.press("Go to checkout")
    hands.is_at("/checkout/")
    _place(hands)
    _is_bought(hands)


def mistype_the_address(hands: Hands) -> None:
    _to_checkout(hands)
    hands.press("Place order")
    hands.waits_for("things are not right yet")
    hands.has_error_summary("Choose the country.", "#id_shipping-country")
    hands.see("checkout, nothing typed")
    _fill_in(hands, postal_code="1", email="ada@")
    hands.press("Place order")
    hands.waits_for("2 things are not right yet")
    hands.see("checkout, two errors")
    hands.has_error_summary("Enter a ZIP code like", "#id_shipping-postal_code")
    hands.write("#id_shipping-postal_code", "94105")
    hands.write("#id_email", "customer@example.com")
    _place(hands)
    _is_bought(hands)


def mistype_the_cart(hands: Hands) -> None:
    hands.page.goto(SHIRT)
    hands.write("#quantity", "many")
    hands.press("Add to cart")
    hands.waits_for("Enter a whole number from 1 to 10,000.")
    hands.see("product, a quantity that is none")
    hands.write("#quantity", "1")
    hands.press("Add to cart")
    hands.is_at("/cart/")
    hands.write("#code", "NOPE")
    hands.press("Apply")
    hands.is_told("This discount code is not valid.", "#code")
    hands.see("cart, a code that is not valid")
    hands.write("#code", "")
    hands.write(".lines .number", "many")
    hands.press("Update quantities")
    hands.is_told("Enter a whole number up to", ".lines .number")
    hands.see("cart, a quantity that is none")
    hands.press("Go to checkout")
    hands.has_error_summary("Enter a whole number up to", ".lines .number")
    hands.write(".lines .number", "2")
    hands.press("Update quantities")
    hands.page.locator(".lines").get_by_text("$24.99 each").wait_for()
    assert hands.page.locator(".problems").count() == 0


def follow_a_recovery_mail(hands: Hands) -> None:
    if not Sequence.objects.exists():
        make_sequence()
    cart = make_abandoned(full_name="Ada Lovelace", ago=timedelta(hours=2))
    Time().run()
    body = mail.outbox[-1].body
    landing = "/recover/" + body.split("/recover/")[1].split()[0]
    unsubscribe = "/unsubscribe/" + body.split("/unsubscribe/")[1].split()[0]
    hands.page.goto(landing)
    hands.see("landing of a recovery mail")
    hands.press("Go to checkout")
    hands.is_at("/checkout/")
    hands.see("checkout of a cart that came back")
    _fill_in(hands)
    _place(hands)
    _is_bought(hands)
    hands.page.goto(landing)
    hands.see("landing, bought meanwhile")
    hands.page.goto(unsubscribe)
    hands.see("no more reminders?")
    hands.press("No more mails like this")
    hands.waits_for("You get no more mails like this")
    hands.see("no more reminders")
    assert Order.objects.latest("pk").cart_id == cart.pk


def pay_by_a_link(hands: Hands) -> None:
    link = link_to(shop_cart(pieces=2))
    path = f"/pay/{pay_links.token_of(link.salt)}"
    hands.page.goto(path)
    hands.see("payment link")
    hands.press("Go on to pay $49.98")
    hands.waits_for("Approve a payment of")
    hands.press("Decline")
    hands.is_at("/orders/*")
    hands.page.goto(path)
    hands.waits_for("The last payment did not go through.")
    hands.see("payment link after a no")
    hands.press("Go on to pay $49.98")
    hands.press("Approve")
    _is_bought(hands)
    hands.page.goto(path)
    hands.see("payment link, paid")
    hands.follow("See the order")
    hands.is_at("/orders/*")
    ended = link_to(shop_cart())
    links.end(ended.pk)
    hands.page.goto(f"/pay/{pay_links.token_of(ended.salt)}")
    hands.see("payment link, ended")
    hands.page.goto("/pay/unknown")
    hands.see("payment link, unknown")


def look_at_a_refund(hands: Hands) -> None:
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    path = f"/orders/{token_of(order)}"
    for name, amount in (("order, a part of it paid back", 500), ("order, paid back", None)):
        refunds.refund_order(order.pk, amount=amount, reason="Came back", request_key=name)
        hands.page.goto(path)
        hands.see(name)
    hands.waits_for("Your order was refunded")
    hands.follow("Products")
    hands.is_at("/products/")


WALKS: dict[str, Callable[[Hands], None]] = {
    "the whole guest purchase": buy,
    "a refused card": meet_a_refused_card,
    "sold out": find_it_sold_out,
    "an expired session": come_back_too_late,
    "an invalid address": mistype_the_address,
    "a wrong code and quantity": mistype_the_cart,
    "a recovery link": follow_a_recovery_mail,
    "a payment link": pay_by_a_link,
    "a refund": look_at_a_refund,
}
