"""Every page and every mail of the shopper's, in a language that brackets what is translated: nothing but data is
outside of the brackets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as shops
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone, translation

from catalog.models import Product, Stock
from checkouts.models import Checkout
from checkouts.pages import sentences
from checkouts.pages.address_form import empty_form
from checkouts.states import CheckoutStatus
from common.countries import CODES
from common.errors import DomainError
from demo import recovery
from orders import mails
from orders.links import token_of
from orders.models import Order
from payments.gateways.stripe_browser import CardForm
from payments.models import Payment
from payments.staff_word import FOR_THE_SHOPPER, NOT_OURS
from recovery import letters
from recovery.models import Step
from recovery.things import things_of
from tests.checkouts.pages.shopper import SHIRT
from tests.checkouts.pages.test_pay_page import path_of
from tests.factories import CUSTOMER, MEDIUM_BLUE_ID
from tests.languages import pseudo
from tests.payments.linked import link_to, shop_cart
from tests.recovery.carts import make_abandoned

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TEMPLATES = Path(shops.ROOT) / "templates"
NOBODYS = {"paid", "asking", "unknown", "changed", "expired", "ended", "closed"}


def test_the_shop_window(pages):
    pages.see(pages.shopper.get("/"))
    pages.see(pages.shopper.get("/products/?page=2"))
    pages.see(pages.shopper.get(SHIRT))
    pages.see(pages.shopper.add(quantity="many"))
    Stock.objects.filter(variant=MEDIUM_BLUE_ID).update(on_hand=2)
    pages.see(pages.shopper.get(SHIRT))
    pages.see(pages.shopper.add(quantity=3))
    Stock.objects.update(on_hand=0)
    pages.see(pages.shopper.get(SHIRT))
    pages.see(pages.shopper.get("/products/"))
    Product.objects.update(is_active=False)
    pages.see(pages.shopper.get(SHIRT))
    pages.see(pages.shopper.get("/"))
    pages.see(pages.shopper.get("/nowhere"))


def test_cart_and_checkout(pages):
    shopper = pages.shopper
    pages.see(shopper.get("/cart/"))
    pages.see(shopper.add(quantity=2))
    pages.see(shopper.client.post("/cart/", {"action": "apply_code", "code": "NOPE"}))
    pages.see(shopper.client.post("/cart/", {"action": "apply_code", "code": "SUMMER25"}))
    pages.see(shopper.client.post("/cart/", {f"quantity-{MEDIUM_BLUE_ID}": "many"}))
    pages.see(shopper.get("/checkout/"))
    pages.see(shopper.press("place", **dict.fromkeys([*CUSTOMER, "shipping_method", "provider"], "")))
    slips = {"email": "ada@gmial.com", "phone": "12", "shipping-postal_code": "1"}
    response = shopper.press("update", **slips)
    assert response.status_code == 422
    page = response.content.decode().replace("ada@gmial.com", "").replace("ada@gmail.com", "")
    assert pseudo.plain_words_of_page(page, pages.data() | {"CA"}) == []
    pages.see(shopper.press("place", test_card="tok_chargeDeclined"))


def test_things_that_cannot_be_bought_any_more(pages):
    pages.shopper.add(quantity=2)
    for left in (1, 0):
        Stock.objects.filter(variant=MEDIUM_BLUE_ID).update(on_hand=left)
        pages.see(pages.shopper.get("/cart/"))
    Product.objects.update(is_active=False)
    pages.see(pages.shopper.get("/checkout/"))


def test_a_session_that_ran_out(pages):
    pages.shopper.add()
    Checkout.objects.update(expires_at=timezone.now() - timedelta(hours=1), status=CheckoutStatus.EXPIRED)
    pages.see(pages.shopper.get("/cart/"))
    pages.see(pages.shopper.client.post("/cart/", {"action": "carry_on"}))


def test_the_orders_page_however_it_stands(pages):
    pages.shopper.add()
    pages.shopper.buy(test_card="tok_threeDSecureRequired")
    order = Order.objects.get()
    path = f"/orders/{token_of(order)}"
    pages.see(pages.shopper.get(path))
    reference = Payment.objects.get().gateway_reference
    pages.see(pages.shopper.get(f"/test-gateway/{reference}"))
    pages.see(pages.shopper.client.post(f"/test-gateway/{reference}", {"answer": "decline"}))
    pages.see(pages.shopper.get(f"/test-gateway/{reference}"))
    Checkout.objects.update(status=CheckoutStatus.EXPIRED)
    pages.see(pages.shopper.client.post(path, {"provider": ""}))
    pages.see(pages.shopper.client.post(path, {"provider": "stripe", "test_card": "tok_visa"}))
    Order.objects.update(shipped_at=timezone.now(), carrier="UPS", tracking_number="OZY123")
    pages.see(pages.shopper.get(path))
    for changes in ({"refunded_amount": 5}, {"refunded_amount": order.total_amount}, {"status": "canceled"}):
        Order.objects.update(**changes)
        pages.see(pages.shopper.get(path))
    Order.objects.update(status="pending", captured_amount=0, refunded_amount=0, takes_parts=True)
    newest = Payment.objects.filter(pk=Payment.objects.latest("pk").pk)
    for status in ("processing", "authorized", "captured", "voided", "review"):
        newest.update(status=status, captured_amount=0)
        pages.see(pages.shopper.get(path))
    Order.objects.update(takes_parts=False)
    newest.update(status="captured", captured_amount=5, surplus_amount=5)
    pages.see(pages.shopper.get(path))
    newest.update(captured_amount=0, surplus_amount=0)
    newest.update(status="declined", decline_code=NOT_OURS, message=FOR_THE_SHOPPER)
    pages.see(pages.shopper.get(path))


def test_a_payment_link(pages):
    link = link_to(shop_cart(pieces=2))
    pages.see(pages.shopper.get(path_of(link)))
    pages.see(pages.shopper.client.post(path_of(link), {"provider": "none"}))
    pages.see(pages.shopper.client.post(path_of(link), {"provider": "paypal"}))
    for state in NOBODYS:
        pages.show("checkouts/pay_state.html", state=state, order_token="token")


def test_pages_of_one_moment(pages):
    pages.show("checkouts/being_paid.html")
    pages.show("checkouts/busy.html")
    card = CardForm(publishable_key="key", script_url="https://js.example", currency="usd", amount=1)
    pages.show("checkouts/card_form.html", card_form=card)
    pages.show("checkouts/leave.html", host="OZY123", url="/", token="token")
    pages.show("checkouts/leave.html", place="PayPal", payment=Payment(amount=5, currency="USD"), url="/", token="x")
    for name in ("400", "403", "403_csrf", "404", "500"):
        pages.show(f"{name}.html")


def test_what_a_recovery_mail_leads_to(pages):
    for state in ("bought", "being_paid", "expired", "revoked", "empty", "unknown"):
        pages.show("recovery/state.html", state=state)
    for known, done in ((False, False), (True, False), (True, True)):
        pages.show("recovery/unsubscribe.html", known=known, done=done, token="token")
    things = things_of(make_abandoned())
    rows = [{"thing": things[0], "change": ""}]
    for is_paid_by_link in (False, True):
        landing = {"rows": rows, "currency": "USD", "amount": 5, "code": "SUMMER25", "is_paid_by_link": is_paid_by_link}
        pages.show("recovery/landing.html", landing=landing, token="token")


def test_addresses_of_every_country(pages):
    for country in sorted(CODES):
        html = render_to_string("checkouts/address_fields.html", {"section": empty_form("shipping", country)})
        assert (country, pseudo.plain_words_of_page(html, set())) == (country, [])


def test_refusals(pages):
    values = {"available": 2, "limit": 5, "total": 5, "minimum_amount": 5, "currency": "USD", "reason": "below_minimum"}
    for code in sentences.SENTENCES:
        for given in (values, values | {"available": 0, "reason": "expired", "retry_after": 300}):
            said = sentences.words(DomainError(code, **given))
            assert (code, pseudo.plain_words(said, set())) == (code, [])


def test_mails(pages):
    pages.shopper.add(quantity=2)
    pages.shopper.client.post("/cart/", {"action": "apply_code", "code": "SUMMER25"})
    pages.shopper.buy()
    Order.objects.update(carrier="UPS", tracking_number="OZY123")
    order = Order.objects.get()
    with translation.override("en"):
        mails.send_confirmation(order.pk)
        mails.send_shipped(order.pk)
    assert len(mail.outbox) == 2
    for one in mail.outbox:
        text = f"{one.subject}\n{one.body}".replace(mails.order_url(order), "")
        assert pseudo.plain_words(text, pages.data() | {"SAVE", "US"}) == []


def test_recovery_mails(pages):
    recovery.load()
    cart = make_abandoned(language=pseudo.CODE)
    links = ("http", "recover", "unsubscribe")
    with translation.override("en"):
        for step in Step.objects.all():
            letter = letters.write(cart, step, things_of(cart), now=timezone.now())
            text = "\n".join(line for line in letter.message.body.splitlines() if not any(one in line for one in links))
            assert pseudo.plain_words(f"{letter.subject}\n{text}", pages.data()) == []
            assert pseudo.plain_words_of_page(letter.html, pages.data()) == []


def test_no_template_says_a_word_by_itself():
    """Also those parts that no page above happens to show."""
    own = [path for path in TEMPLATES.rglob("*.*") if path.relative_to(TEMPLATES).parts[0] not in {"admin", "unfold"}]
    assert len(own) > 30
    said = {path.name: pseudo.plain_words_of_template(path.read_text()) for path in own}
    assert {name: words for name, words in said.items() if words} == {}
