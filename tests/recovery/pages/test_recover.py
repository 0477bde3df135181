"""A recovery link restores the cart on any device, logs nobody in, shows nobody's address, and changes nothing until
its button is pressed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts.models import Cart, CartItem, Door
from carts.states import CartStatus
from catalog import discounts
from catalog.models import Discount, Price, Stock, Variant
from checkouts import services as checkouts
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from dialects.guest import COOKIE
from orders.models import Order
from payments.models import PaymentLink
from recovery.models import Click, RecoveryLink
from recovery.tokens import digest_of
from tests.checkouts.shopping import checkout_of, pay, ready_session, refused
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, STANDARD_ID
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, add_step, make_sequence

PRIVATE = ("ada@example.com", CUSTOMER["email"], CUSTOMER["phone"], "John Smith", ADDRESS["address_line1"])
FROM_ELSEWHERE = {"HTTP_SEC_FETCH_SITE": "cross-site"}


def mailed(**values: object) -> str:
    """The address in the mail about a cart that was left two hours ago."""
    make_sequence(3600)
    return mail_about(make_abandoned(ago=timedelta(hours=2), **values))


def mail_about(cart: Cart) -> str:
    assert Time().run() == 1, cart
    return "/recover/" + mail.outbox[-1].body.split("/recover/")[1].split()[0]


@pytest.fixture
def left(shop) -> Cart:
    """A whole checkout that was left, with address and method."""
    session = ready_session(code="SUMMER25")
    at = timezone.now() - timedelta(hours=2)
    Cart.objects.update(
        status=CartStatus.ABANDONED, abandoned_at=at, first_abandoned_at=at, last_activity_at=at, language="en"
    )
    make_sequence(3600)
    return checkout_of(session).cart


class TestLooking:
    def test_shows_what_is_in_it_and_nobodys_name(self, left, client):
        html = client.get(mail_about(left)).content.decode()
        assert "Organic Cotton T-Shirt" in html
        assert "$49.98" in html
        assert "Go to checkout" in html
        assert not [text for text in PRIVATE if text in html]

    def test_changes_nothing_and_sets_no_cookie(self, left, client):
        url = mail_about(left)
        for method in (client.get, client.head):
            with CaptureQueriesContext(connection) as queries:
                answer = method(url)
            assert (answer.status_code, answer.cookies) == (200, {})
            assert {query["sql"][:6] for query in queries} == {"SELECT"}
            assert len(queries) == 2

    def test_is_kept_by_nobody_and_told_to_nobody(self, left, client):
        answer = client.get(mail_about(left))
        assert "no-store" in answer["Cache-Control"]
        assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex", "same-origin")

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (lambda: Price.objects.update(amount=1999), "The price was $24.99 when we wrote."),
            (lambda: Stock.objects.update(on_hand=1), "Only 1 left."),
            (lambda: Stock.objects.update(on_hand=0), "Sold out."),
            (lambda: Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False), "No longer for sale."),
        ],
    )
    def test_says_what_is_not_as_the_mail_said(self, left, client, change, sentence):
        left.lines.create(variant_id=8, quantity=2)
        url = mail_about(left)
        assert sentence not in client.get(url).content.decode()
        change()
        html = client.get(url).content.decode()
        if sentence == "Sold out.":
            assert "Nothing of this cart can be bought any more" in html
        else:
            assert sentence in html


class TestGoingOn:
    def test_opens_a_fresh_checkout_on_the_same_cart(self, left, client):
        answer = client.post(mail_about(left))
        assert (answer.status_code, answer["Location"]) == (302, "/checkout/")
        old, new = Checkout.objects.order_by("id")
        assert (old.status, new.status, new.cart_id) == (CheckoutStatus.EXPIRED, CheckoutStatus.ACTIVE, left.pk)
        assert str(new.session_key) == str(session_in(answer))
        assert old.session_key != new.session_key
        assert (new.shipping_address, new.shipping_method_id, new.discount.code) == ({}, STANDARD_ID, "SUMMER25")
        left.refresh_from_db()
        assert left.status == CartStatus.ACTIVE
        assert left.first_abandoned_at is not None
        assert Click.objects.get().checkout == new

    def test_what_it_opened_can_be_bought_and_the_cart_is_recovered(self, left, client):
        session = session_in(client.post(mail_about(left)))
        checkouts.set_shipping_address(session, ADDRESS)
        pay(session)
        left.refresh_from_db()
        assert left.status == CartStatus.RECOVERED
        assert Order.objects.get().total_amount == 3748 + 599

    def test_nobody_is_logged_in_and_no_address_is_on_the_page(self, left, client):
        answer = client.post(mail_about(left), follow=True)
        assert answer.status_code == 200
        assert ADDRESS["address_line1"] not in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_on_another_device_a_second_time_the_first_session_is_over(self, left):
        url = mail_about(left)
        phone, laptop = Client(), Client()
        for device in (phone, laptop):
            assert device.post(url).status_code == 302
        assert "$49.98" in laptop.get("/cart/").content.decode()
        assert "Organic" not in phone.get("/cart/").content.decode()
        assert Click.objects.count() == 2

    def test_another_site_cannot_press_the_button(self, left):
        client = Client(enforce_csrf_checks=True)
        url = mail_about(left)
        assert client.post(url, **FROM_ELSEWHERE).status_code == 403
        assert client.post(url, HTTP_SEC_FETCH_SITE="same-origin").status_code == 302

    def test_a_cart_that_was_given_up_is_taken_up_again(self, left, client):
        url = mail_about(left)
        Cart.objects.update(status=CartStatus.EXPIRED)
        assert client.post(url).status_code == 302
        left.refresh_from_db()
        assert left.status == CartStatus.ACTIVE

    def test_pieces_an_earlier_try_holds_do_not_stand_in_the_way(self, left, client):
        Stock.objects.update(on_hand=2)
        session = checkout_of_cart(left).session_key
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        Cart.objects.update(status=CartStatus.ABANDONED, abandoned_at=left.abandoned_at)
        link_to(left, "token")
        new = session_in(client.post("/recover/token"))
        checkouts.set_shipping_address(new, ADDRESS)
        pay(new)
        assert Order.objects.filter(status="accepted").count() == 1

    def test_while_a_payment_is_on_its_way_it_says_so(self, left, client):
        session = checkout_of_cart(left).session_key
        pay(session, "tok_threeDSecureRequired")
        link_to(left, "token")
        answer = client.post("/recover/token")
        assert answer.status_code == 409
        assert "payment for this cart is being processed" in answer.content.decode()
        assert not Click.objects.exists()


def session_in(answer) -> UUID:
    return UUID(answer.cookies[COOKIE].value)


def checkout_of_cart(cart: Cart) -> Checkout:
    return cart.checkouts.order_by("-id")[0]


def link_to(cart: Cart, token: str, **values: object) -> RecoveryLink:

    expires_at = timezone.now() + timedelta(days=1)
    return RecoveryLink.objects.create(
        **{"token_hash": digest_of(token), "cart": cart, "expires_at": expires_at} | values
    )


def back_code(percent: int, *, ends_in: timedelta = timedelta(days=1)) -> Discount:
    values = {"basis_points": percent * 100, "off_amount": 0, "minimum_amount": 0, "currency": "USD"}
    return discounts.issue(f"BACK{percent}", ends_at=timezone.now() + ends_in, **values)


class TestItsCode:
    @pytest.fixture
    def url(self, shop) -> str:
        values = {"basis_points": 1000, "floor_amount": 2000, "currency": "USD"}
        sequence = make_sequence(60)
        sequence.steps.update(is_active=False)
        add_step(sequence, 3600, body="{code}", **values)
        return mail_about(make_abandoned(ago=timedelta(hours=2)))

    def test_is_applied_by_going_on_and_once_only(self, url, client):
        assert "BACK" in client.get(url).content.decode()
        session = session_in(client.post(url))
        view = checkouts.find(session)
        assert view.totals.discount_amount == 500
        checkouts.set_shipping_address(session, ADDRESS)
        checkouts.set_shipping_method(session, STANDARD_ID)
        assert pay(session).order.discount_amount == 500
        discount = RecoveryLink.objects.get().discount
        assert discount.used_count == discount.usage_limit == 1

    def test_is_not_promised_when_its_time_is_over(self, url, client):
        discount = RecoveryLink.objects.get().discount
        discount.ends_at = timezone.now() - timedelta(seconds=1)
        discount.save()
        assert "BACK" not in client.get(url).content.decode()
        session = session_in(client.post(url))
        assert checkouts.find(session).totals.discount_amount == 0

    @pytest.mark.parametrize(("percent", "kept", "off"), [(5, "SUMMER25", 1250), (30, "BACK", 1499)])
    def test_the_code_that_takes_more_off_is_kept(self, left, client, percent, kept, off):
        link_to(left, "token", discount=back_code(percent))
        view = checkouts.find(session_in(client.post("/recover/token")))
        assert view.checkout.discount.code.startswith(kept)
        assert view.totals.discount_amount == off

    def test_one_whose_time_is_over_takes_the_place_of_none(self, left, client):
        link_to(left, "token", discount=back_code(30, ends_in=-timedelta(seconds=1)))
        view = checkouts.find(session_in(client.post("/recover/token")))
        assert (view.checkout.discount.code, view.totals.discount_amount) == ("SUMMER25", 1250)


class TestDeadLinks:
    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize(
        ("values", "status", "sentence"),
        [
            ({"expires_at": timezone.now() - timedelta(seconds=1)}, 410, "has expired"),
            ({"revoked_at": timezone.now()}, 410, "no longer in use"),
        ],
    )
    def test_say_what_they_are(self, left, client, method, values, status, sentence):
        link_to(left, "token", **values)
        answer = getattr(client, method)("/recover/token")
        assert (answer.status_code, answer.cookies) == (status, {})
        assert sentence in answer.content.decode()
        assert Checkout.objects.count() == 1

    @pytest.mark.parametrize("status", [CartStatus.RECOVERED, CartStatus.CONVERTED])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_of_a_cart_that_was_bought(self, left, client, status, method):
        link_to(left, "token")
        Cart.objects.update(status=status)
        answer = getattr(client, method)("/recover/token")
        assert answer.status_code == 200
        assert "ordered already" in answer.content.decode()

    @pytest.mark.parametrize("token", ["x", "é" * 300, "%00", "a" * 3000])
    def test_one_we_did_not_give_out(self, shop, client, token):
        for method in (client.get, client.post):
            assert method(f"/recover/{token}").status_code == 404

    def test_an_empty_cart(self, left, client):
        link_to(left, "token")
        left.lines.all().delete()
        assert "Nothing of this cart" in client.get("/recover/token").content.decode()

    def test_other_methods_are_refused(self, left, client):
        link_to(left, "token")
        for method in (client.put, client.delete, client.patch):
            assert method("/recover/token").status_code == 405


class TestAnotherStoresCart:
    @pytest.fixture
    def url(self, shop) -> str:
        cart = make_abandoned(pieces=0, door=Door.TRACKER, ago=timedelta(hours=2))
        CartItem.objects.create(cart=cart, name="Lamp", unit_amount=4999, quantity=2)
        make_sequence(3600)
        return mail_about(cart)

    def test_is_paid_by_a_payment_link(self, url, client):
        html = client.get(url).content.decode()
        assert "Lamp" in html
        assert "Go on to payment" in html
        answer = client.post(url)
        assert answer["Location"].startswith("/pay/")
        assert PaymentLink.objects.get().amount == 9998
        assert Click.objects.count() == 1
        assert client.get(answer["Location"]).status_code == 200
