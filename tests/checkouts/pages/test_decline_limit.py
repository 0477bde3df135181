"""Too many declines, on the pages: a clear sentence, what was typed, and when to come back."""

import pytest

from orders.links import token_of
from orders.models import Order
from payments.models import Payment
from tests.checkouts.pages.shopper import text_of

SENTENCE = "Too many payments were declined. Please try again in 60 minutes."


@pytest.fixture(autouse=True)
def limit_of_one(settings):
    settings.DECLINE_LIMIT = (1, 3600)


def test_the_checkout_page_keeps_what_was_typed(shopper):
    shopper.add()
    shopper.buy(test_card="tok_chargeDeclined")
    answer = shopper.buy(full_name="Grace Hopper")
    assert answer.status_code == 429
    assert 3590 <= int(answer["Retry-After"]) <= 3600
    assert SENTENCE in text_of(answer)
    assert "Grace Hopper" in answer.content.decode()
    assert Payment.objects.count() == 1


def test_the_order_page_says_it_too(shopper):
    """The approval is refused, and then a card on the order's own page."""
    shopper.add()
    shopper.buy(test_card="tok_threeDSecureRequired")
    waiting = Payment.objects.get()
    shopper.client.post(f"/test-gateway/{waiting.gateway_reference}", {"answer": "decline"})
    page = f"/orders/{token_of(Order.objects.get())}"
    shopper.get(f"{page}/return")
    shopper.client.post(page, {"provider": "stripe", "test_card": "tok_chargeDeclined"})
    answer = shopper.client.post(page, {"provider": "stripe", "test_card": "tok_visa"})
    assert (answer.status_code, Payment.objects.count()) == (429, 2)
    assert SENTENCE in text_of(answer)
    assert int(answer["Retry-After"]) > 3500
