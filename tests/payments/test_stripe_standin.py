"""The stand-in keeps Stripe's manners: what the tests of the adapter and of the shop rest on."""

from __future__ import annotations

import pytest
import requests
import stripe as sdk

from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.stripe_server import SECRET_KEY, StripeStandIn

LINE = {"quantity": 2, "price_data": {"currency": "usd", "unit_amount": 2499, "product_data": {"name": "T-Shirt"}}}
SESSION = {
    "mode": "payment",
    "success_url": "http://127.0.0.1:8000/thanks?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:8000/cart/",
    "line_items": [LINE],
    "payment_intent_data": {"metadata": {"payment_key": "pay_1"}},
}


@pytest.fixture
def server() -> StripeStandIn:
    return empty_stripe()


@pytest.fixture
def api(server):
    return gateway_at(server)._api


def post(server: StripeStandIn, path: str, form: dict[str, str], key: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {SECRET_KEY}", **({"Idempotency-Key": key} if key else {})}
    return requests.post(server.url + path, data=form, headers=headers, allow_redirects=False, timeout=5)


class TestACheckoutSession:
    def test_is_paid_on_its_page_and_leads_back_to_the_shop(self, server, api):
        session = api.checkout.sessions.create(SESSION)
        assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 4998)
        back = requests.post(session.url, data={"answer": "approve"}, allow_redirects=False, timeout=5)
        assert back.headers["Location"] == f"http://127.0.0.1:8000/thanks?session={session.id}"
        paid = api.checkout.sessions.retrieve(session.id)
        assert (paid.status, paid.payment_status) == ("complete", "paid")
        assert api.payment_intents.retrieve(paid.payment_intent).metadata["payment_key"] == "pay_1"
        assert server.books.moved("usd") == 4998

    def test_that_has_expired_can_no_longer_be_paid(self, server, api):
        session = api.checkout.sessions.create(SESSION)
        assert api.checkout.sessions.expire(session.id).status == "expired"
        assert post(server, f"/_pages/session/{session.id}", {"answer": "approve"}).status_code == 400
        assert server.books.moved("usd") == 0

    def test_cannot_be_expired_once_it_is_paid(self, server, api):
        session = api.checkout.sessions.create(SESSION)
        server.books.pay_session(session.id)
        with pytest.raises(sdk.InvalidRequestError):
            api.checkout.sessions.expire(session.id)


class TestAnIdempotencyKey:
    FORM = {"amount": "100", "currency": "usd"}

    def test_gives_the_first_answer_again(self, server):
        first, second = (post(server, "/v1/payment_intents", self.FORM, "k") for _ in range(2))
        assert first.json() == second.json()
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_is_good_for_the_same_parameters_only(self, server):
        post(server, "/v1/payment_intents", self.FORM, "k")
        other = post(server, "/v1/payment_intents", {**self.FORM, "amount": "200"}, "k")
        assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")

    def test_is_not_used_up_by_a_request_that_is_not_valid(self, server):
        assert post(server, "/v1/payment_intents", {"amount": "100"}, "k").status_code == 400
        assert post(server, "/v1/payment_intents", self.FORM, "k").status_code == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/payment_intents", {"amount": "100", "currency": "usd", "payment_method_types[0]": "card"}),
        ("/v1/payment_intents", {"amount": "1.5", "currency": "usd"}),
        ("/v1/refunds", {"payment_intent": "pi_none"}),
        ("/v1/checkout/sessions", {"mode": "payment"}),
        ("/v1/nonsense", {}),
    ],
)
def test_what_stripe_does_not_have_is_refused(server, path, form):
    assert post(server, path, form).status_code in {400, 404}


def test_a_wrong_key_is_a_401(server):
    assert requests.get(f"{server.url}/v1/payment_intents", timeout=5).status_code == 401
