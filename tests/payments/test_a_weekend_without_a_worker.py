"""The gateway was asked, its answer was lost, and nobody asked again until its key was forgotten there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from payments import reconcile, review
from payments import services as payments
from payments.models import Payment
from tests.checkouts.shopping import deliver_events, its_time_has_come
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.standins.at_stripe import empty_stripe, shop_with_stripe
from tests.standins.faults import Fault
from tests.standins.stripe_server import StripeStandIn

pytestmark = pytest.mark.django_db
WEEKEND = timedelta(hours=60)


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    server = empty_stripe()
    demo_shop(on_hand=10)
    with shop_with_stripe(server):
        yield server


def lost(stripe: StripeStandIn, fault: Fault) -> Payment:
    stripe.fail(fault, path="/v1/payment_intents", method="POST", times=3)
    payment = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
    assert (payment.status, payment.gateway_reference) == ("processing", "")
    return payment


def a_weekend_passes(stripe: StripeStandIn, payment: Payment, *, order_lives: timedelta) -> None:
    Payment.objects.filter(pk=payment.pk).update(created_at=timezone.now() - WEEKEND)
    Order.objects.update(expires_at=timezone.now() + order_lives)
    for intent in stripe.books.intents.values():
        intent["created"] -= int(WEEKEND.total_seconds())
    stripe._keys.clear()
    its_time_has_come(payment)
    reconcile.settle_doubtful()
    deliver_events()
    payment.refresh_from_db()


@pytest.mark.parametrize("order_lives", [timedelta(days=6), -timedelta(hours=59)], ids=["order lives", "order is over"])
def test_money_that_was_taken_is_found_and_not_taken_twice(stripe, order_lives):
    payment = lost(stripe, Fault.BREAK_AFTER)
    a_weekend_passes(stripe, payment, order_lives=order_lives)
    assert (payment.status, payment.captured_amount) == ("captured", TOTAL)
    assert stripe.books.moved("usd") == TOTAL
    assert payment.order.status == "accepted"


class TestWhereTheGatewayFindsNothing:
    @pytest.fixture
    def payment(self, stripe) -> Payment:
        payment = lost(stripe, Fault.BREAK_BEFORE)
        a_weekend_passes(stripe, payment, order_lives=timedelta(days=6))
        return payment

    def test_it_is_not_asked_for_again_a_person_decides(self, stripe, payment):
        assert payment.status == "review"
        assert "Look there" in payment.message
        assert stripe.books.moved("usd") == 0

    def test_a_person_who_finds_nothing_lets_the_order_be_paid_again(self, stripe, payment):
        with pytest.raises(review.NotPossible):
            review.take_as_ours(payment.pk, by="ada")
        review.settle_as_not_ours(payment.pk, by="ada")
        again = payments.pay_order(payment.order_id, provider="stripe", instrument="tok_visa")
        assert (again.status, stripe.books.moved("usd")) == ("captured", TOTAL)
