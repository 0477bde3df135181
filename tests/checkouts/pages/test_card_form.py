"""Cards charged by Stripe itself: its form in our page, its hosted page without a script, and every way back."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.test import override_settings

from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from orders.models import Order
from outbox import delivery
from payments import reconcile
from payments.models import Payment
from payments.states import PaymentStatus
from tests.checkouts.pages.shopper import SHIRT, text_of
from tests.checkouts.shopping import its_time_has_come
from tests.standins.at_stripe import empty_stripe, shop_with_stripe
from tests.standins.faults import Fault
from tests.standins.stripe_server import StripeStandIn

TOTAL = 3098
SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    server = empty_stripe()
    with shop_with_stripe(server), override_settings(STRIPE_PUBLISHABLE_KEY="pk_test_standin"):
        yield server


@pytest.fixture
def ready(shopper, stripe):
    shopper.add()
    return shopper


def policy_of(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts}


def order_path(response) -> str:
    return response["Location"].removesuffix("/approve")


def on_stripes_page(response, stripe, answer: str = "approve") -> str:
    """What the shopper does on the page they are sent to; the path they come back by."""
    assert response["Refresh"].startswith(f"0; url={stripe.url}/_pages/")
    url = response["Refresh"].removeprefix("0; url=")
    there = requests.post(url, data={"answer": answer}, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    return f"{back.path}?{back.query}"


class TestThePage:
    def test_has_stripes_form_and_a_policy_that_lets_its_script_in(self, ready):
        page = ready.get("/checkout/")
        html = page.content.decode()
        assert 'data-script="https://js.stripe.com/v3/" data-key="pk_test_standin" data-currency="usd"' in html
        assert 'src="/static/shop/card.js"' in html
        assert "Your card number goes straight to Stripe. This shop never sees it." in html
        assert f'data-amount="{TOTAL}"' in html
        policy = policy_of(page)
        assert policy["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
        assert "https://hooks.stripe.com" in policy["frame-src"]
        assert "https://api.stripe.com" in policy["connect-src"]
        assert "unsafe" not in page["Content-Security-Policy"]

    def test_takes_the_script_from_the_address_in_the_settings_and_from_no_other(self, ready):
        with override_settings(STRIPE_JS_URL="https://standin.example:8443/v3/"):
            policy = policy_of(ready.get("/checkout/"))
        for directive in ("script-src", "frame-src", "connect-src"):
            assert policy[directive] == ["'self'", "https://standin.example:8443"]

    @pytest.mark.parametrize("path", ["/", "/products/", SHIRT, "/cart/"])
    def test_alone_lets_it_in(self, ready, path):
        assert "script-src" not in policy_of(ready.get(path))

    def test_without_a_publishable_key_leads_to_stripes_own_page(self, ready):
        with override_settings(STRIPE_PUBLISHABLE_KEY=""):
            page = ready.get("/checkout/")
        assert "script-src" not in policy_of(page)
        assert b"card.js" not in page.content
        assert "You enter your card on Stripe's page, which comes next." in text_of(page).replace("&#x27;", "'")

    def test_offers_no_test_cards_for_a_real_card(self, ready):
        html = ready.get("/checkout/").content.decode()
        assert 'class="only-test"' in html
        assert 'class="only-card"' not in html
        with override_settings(DEMO=False):
            assert "test_card" not in ready.get("/checkout/").content.decode()

    def test_of_the_demo_without_keys_is_as_it_was(self, shopper):
        shopper.add()
        page = shopper.get("/checkout/")
        assert b"card.js" not in page.content
        assert b"Stripe" not in page.content
        assert 'class="only-card"' in page.content.decode()
        assert "script-src" not in policy_of(page)


class TestACardTypedIntoThePage:
    def test_pays(self, ready, stripe):
        page = ready.shown(ready.buy(payment_method="pm_card_visa"))
        assert "Your order is confirmed." in page
        assert (Order.objects.get().captured_amount, stripe.books.moved("usd")) == (TOTAL, TOTAL)
        assert stripe.books.sessions == {}

    def test_declined_is_followed_by_one_that_pays_the_same_order(self, ready, stripe):
        page = ready.shown(ready.buy(payment_method="pm_card_visa_chargeDeclinedInsufficientFunds"))
        assert "Your card has insufficient funds. Nothing was charged." in page
        assert 'name="payment_method" value=""' in ready.get("/checkout/").content.decode()
        assert "Your order is confirmed." in ready.shown(ready.buy(payment_method="pm_card_visa"))
        assert (Order.objects.count(), stripe.books.moved("usd")) == (1, TOTAL)

    @pytest.mark.parametrize("answer", ["approve", "deny"])
    def test_that_wants_an_approval_leads_to_the_bank_and_back(self, ready, stripe, answer):
        response = ready.buy(payment_method="pm_card_threeDSecureRequired")
        path = order_path(response)
        leaving = ready.get(response["Location"])
        assert "You are being sent to your bank to pay $30.98." in text_of(leaving)
        page = ready.shown(ready.get(on_stripes_page(leaving, stripe, answer)))
        if answer == "deny":
            assert "The payment did not go through" in page
            page = ready.shown(ready.client.post(path, {"provider": "stripe", "payment_method": "pm_card_visa"}))
        assert "Your order is confirmed." in page
        assert stripe.books.moved("usd") == TOTAL

    @pytest.mark.parametrize("typed", ["4242424242424242", "hosted", "pm_a/../b", "x" * 300, "pm_" + "x" * 300])
    def test_is_a_name_that_stripe_gave_it_or_nothing(self, ready, stripe, typed):
        response = ready.buy(payment_method=typed)
        assert response.status_code == 422
        assert "Enter your card again." in text_of(response)
        assert typed not in response.content.decode()
        assert not Payment.objects.exists()

    def test_that_stripe_does_not_know_charges_nothing_and_the_checkout_stays_open(self, ready, stripe):
        page = ready.shown(ready.buy(payment_method="pm_nobodyKnows"))
        assert "This card token or payment is not known." in page
        assert ready.checkout.status == CheckoutStatus.ACTIVE

    def test_is_kept_while_another_field_is_put_right(self, ready):
        response = ready.buy(payment_method="pm_card_visa", **{"shipping-city": ""})
        assert response.status_code == 422
        assert 'name="payment_method" value="pm_card_visa"' in response.content.decode()

    def test_sent_twice_is_one_order_and_one_charge(self, ready, stripe):
        form = ready.form(payment_method="pm_card_visa")
        first, second = ready.press("place", form), ready.press("place", form)
        assert first["Location"] == second["Location"]
        assert (Order.objects.count(), len(stripe.books.charges)) == (1, 1)

    def test_is_not_looked_at_when_another_way_is_chosen(self, ready, stripe):
        response = ready.buy(provider="test", payment_method="pm_card_visa", test_card="tok_visa")
        assert "Your order is confirmed." in ready.shown(response)
        assert stripe.books.intents == {}


class TestStripesHostedPage:
    def test_is_where_a_form_without_a_card_leads(self, ready, stripe):
        response = ready.buy()
        leaving = ready.get(response["Location"])
        assert "You are being sent to Stripe to pay $30.98." in text_of(leaving)
        assert ready.checkout.status == CheckoutStatus.COMPLETED
        page = ready.shown(ready.get(on_stripes_page(leaving, stripe)))
        assert "Your order is confirmed." in page
        assert (Order.objects.get().captured_amount, stripe.books.moved("usd")) == (TOTAL, TOTAL)

    @pytest.mark.parametrize("fields", [{}, {"payment_method": "pm_card_visa"}])
    def test_left_without_paying_frees_the_order_for_the_next_try(self, ready, stripe, fields):
        response = ready.buy()
        page = ready.shown(ready.get(on_stripes_page(ready.get(response["Location"]), stripe, "deny")))
        assert "You did not approve it. Nothing was charged." in page
        assert {session["status"] for session in stripe.books.sessions.values()} == {"expired"}
        again = ready.client.post(order_path(response), {"provider": "stripe", **fields})
        if not fields:
            again = ready.get(on_stripes_page(ready.get(again["Location"]), stripe))
        assert "Your order is confirmed." in ready.shown(again)
        assert (Order.objects.count(), stripe.books.moved("usd")) == (1, TOTAL)

    def test_is_one_for_a_form_sent_twice(self, ready, stripe):
        form = ready.form()
        first, second = ready.press("place", form), ready.press("place", form)
        assert order_path(first) == second["Location"]
        assert (Order.objects.count(), len(stripe.books.sessions)) == (1, 1)

    def test_paid_there_and_the_tab_closed_is_settled_by_asking(self, ready, stripe):
        ready.buy()
        (reference,) = stripe.books.sessions
        stripe.books.pay_session(reference)
        its_time_has_come(Payment.objects.get())
        assert reconcile.settle_doubtful() == 1
        while delivery.drain():
            pass
        assert Order.objects.get().captured_amount == TOTAL
        assert Checkout.objects.get().status == CheckoutStatus.COMPLETED

    def test_paid_there_and_canceled_in_another_tab_is_paid(self, ready, stripe):
        response = ready.buy()
        (reference,) = stripe.books.sessions
        stripe.books.pay_session(reference)
        assert "Your order is confirmed." in ready.shown(ready.get(f"{order_path(response)}/return?canceled=1"))

    @pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.BREAK_AFTER])
    def test_whose_answer_was_lost_is_one_page_once_it_is_asked_for_again(self, ready, stripe, fault):
        stripe.fail(fault, path=SESSIONS, method="POST", times=3)
        response = ready.buy()
        assert "Your payment is being processed" in ready.shown(response)
        its_time_has_come(Payment.objects.get())
        reconcile.settle_doubtful()
        assert "One step left" in ready.shown(ready.get(response["Location"]))
        assert len(stripe.books.sessions) == 1
        leaving = ready.get(f"{response['Location']}/approve")
        assert "Your order is confirmed." in ready.shown(ready.get(on_stripes_page(leaving, stripe)))


class TestTheOrdersPage:
    @pytest.fixture
    def path(self, ready) -> str:
        return order_path(ready.buy())

    def test_leads_on_to_the_page_that_waits(self, ready, path):
        page = ready.get(path)
        assert Payment.objects.get().action_url in page.content.decode()
        assert "script-src" not in policy_of(page)

    def test_lets_the_shopper_pay_another_way(self, ready, path, stripe):
        page = ready.get(path)
        assert "Pay another way" in text_of(page)
        freed = ready.shown(ready.client.post(path, {"action": "other_way"}))
        assert "The payment did not go through" in freed
        assert {session["status"] for session in stripe.books.sessions.values()} == {"expired"}
        with_form = ready.get(path)
        assert f'data-amount="{TOTAL}"' in with_form.content.decode()
        assert "https://js.stripe.com" in policy_of(with_form)["script-src"]
        paid = ready.client.post(path, {"provider": "stripe", "payment_method": "pm_card_visa"})
        assert "Your order is confirmed." in ready.shown(paid)

    def test_takes_what_was_paid_meanwhile_for_a_yes(self, ready, path, stripe):
        (reference,) = stripe.books.sessions
        stripe.books.pay_session(reference)
        assert "Your order is confirmed." in ready.shown(ready.client.post(path, {"action": "other_way"}))
        assert stripe.books.moved("usd") == TOTAL

    def test_says_so_when_what_waits_cannot_be_stopped_just_now(self, ready, path, stripe):
        stripe.fail(Fault.ERROR_500, path=SESSIONS, times=6)
        page = ready.shown(ready.client.post(path, {"action": "other_way"}))
        assert "This payment could not be stopped just now." in page
        assert "Approve the payment" in page
        assert "The payment did not go through" in ready.shown(ready.client.post(path, {"action": "other_way"}))

    def test_charges_nothing_for_a_wish_where_nothing_waits(self, ready, path):
        for _ in range(2):
            assert ready.client.post(path, {"action": "other_way"})["Location"] == path
        assert [payment.status for payment in Payment.objects.all()] == [PaymentStatus.VOIDED]

    def test_has_no_button_to_nowhere_for_what_the_browser_confirms(self, ready, path):
        Payment.objects.update(action_url="")
        assert "Approve the payment" not in text_of(ready.get(path))
