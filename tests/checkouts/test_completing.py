"""Completing a checkout: what is checked, what is refused, and what a repeat is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import stock
from catalog.models import Discount, DiscountRedemption, Price
from checkouts import services
from checkouts.models import Checkout, ShippingRate
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry
from payments import services as payments
from payments.models import Payment, TestCharge
from tests.checkouts.shopping import (
    SHIPPING,
    SHIRT,
    checkout_of,
    let_order_run_out,
    pay,
    ready_session,
    refused,
    session_of,
    shelf,
    shopper_answers,
)
from tests.factories import MEDIUM_BLUE_ID, SHIRT_ID, make_discount

pytestmark = pytest.mark.usefixtures("small_shop")


class TestTheMomentOfBuying:
    def test_one_order_one_charge_and_the_pieces_are_off_the_shelf(self):
        session = ready_session()
        done = pay(session)
        assert (done.order.status, done.order.number[-5:]) == (OrderStatus.ACCEPTED, "-0001")
        assert TestCharge.objects.get().captured_amount == done.order.total_amount == 2 * SHIRT + SHIPPING
        assert checkout_of(session).status == CheckoutStatus.COMPLETED
        assert shelf() == (8, 0)

    def test_a_second_complete_is_refused_and_charges_nothing(self):
        session = ready_session()
        pay(session)
        with refused(ErrorCode.CHECKOUT_COMPLETED):
            pay(session)
        assert (Order.objects.count(), TestCharge.objects.count()) == (1, 1)

    def test_the_same_request_again_is_answered_with_its_order(self):
        session = ready_session()
        first = pay(session, request_id="request-1")
        again = pay(session, request_id="request-1")
        assert (again.order.pk, again.payment.pk) == (first.order.pk, first.payment.pk)
        assert TestCharge.objects.count() == 1

    def test_another_request_is_not(self):
        session = ready_session()
        pay(session, request_id="request-1")
        with refused(ErrorCode.CHECKOUT_COMPLETED):
            pay(session, request_id="request-2")

    def test_a_repeat_that_comes_after_the_orders_time_is_told_that_nothing_came_of_it(self):
        session = ready_session()
        done = pay(session, "tok_threeDSecureRequired", request_id="request-1")
        let_order_run_out(done.order.pk)
        assert expiry.cancel_expired() == 1
        with refused(ErrorCode.PAYMENT_DECLINED) as refusal:
            pay(session, "tok_threeDSecureRequired", request_id="request-1")
        assert refusal.value.values["reason"] == "the order is canceled"

    def test_a_repeat_that_comes_after_the_bank_refused_is_told_so(self):
        session = ready_session()
        done = pay(session, "tok_threeDSecureRequired", request_id="request-1")
        shopper_answers(done.payment, approves=False)
        with refused(ErrorCode.PAYMENT_DECLINED) as refusal:
            pay(session, "tok_threeDSecureRequired", request_id="request-1")
        assert refusal.value.values["decline_code"] == "canceled_by_shopper"

    def test_a_repeat_that_comes_after_the_order_was_paid_otherwise_is_answered_with_it(self):
        session = ready_session()
        done = pay(session, "tok_threeDSecureRequired", request_id="request-1")
        shopper_answers(done.payment, approves=False)
        payments.pay_order(done.order.pk, provider="stripe", instrument="tok_visa")
        again = pay(session, "tok_threeDSecureRequired", request_id="request-1")
        assert (again.order.pk, again.order.status) == (done.order.pk, OrderStatus.ACCEPTED)

    def test_a_free_order_repeated_with_its_request_is_the_same_order(self):
        Price.objects.update(amount=0)
        ShippingRate.objects.update(amount=0)
        session = ready_session()
        assert pay(session, request_id="r").order.pk == pay(session, request_id="r").order.pk


class TestAnOrderThatCostsNothing:
    def test_without_a_price(self):
        Price.objects.update(amount=0)
        ShippingRate.objects.update(amount=0)
        done = pay(ready_session())
        assert (done.payment, done.order.status, done.order.total_amount) == (None, OrderStatus.ACCEPTED, 0)
        assert shelf() == (8, 0)

    def test_with_everything_off(self):
        ShippingRate.objects.update(amount=0)
        make_discount("GIFT", percent=100)
        done = pay(ready_session(code="GIFT"))
        assert (done.payment, done.order.discount_amount, done.order.status) == (None, 4998, OrderStatus.ACCEPTED)
        assert not Payment.objects.exists()

    def test_after_a_declined_try_for_money(self):
        ShippingRate.objects.update(amount=0)
        make_discount("GIFT", percent=100)
        session = ready_session()
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        services.apply_discount(session, "GIFT")
        assert pay(session).order.status == OrderStatus.ACCEPTED
        assert shelf() == (8, 0)


class TestWhatChangedBehindTheShoppersBack:
    def test_a_dearer_price_is_said_first_and_charged_after_it_was_shown(self):
        session = ready_session()
        Price.objects.update(amount=3000)
        with refused(ErrorCode.TOTAL_CHANGED) as refusal:
            pay(session)
        assert refusal.value.values["total"] == 6000 + SHIPPING
        with refused(ErrorCode.TOTAL_CHANGED):  # saying so is not showing it
            pay(session)
        assert (Order.objects.count(), shelf()) == (0, (10, 0))
        assert services.find(session).totals.total_amount == 6000 + SHIPPING
        assert pay(session).payment.captured_amount == 6000 + SHIPPING

    @pytest.mark.parametrize("change", [{"is_active": False}, {"ends_at": timezone.now() - timedelta(days=1)}])
    def test_a_code_that_ended_changes_the_total(self, change):
        session = ready_session(code="SUMMER25")
        Discount.objects.filter(code="SUMMER25").update(**change)
        with refused(ErrorCode.TOTAL_CHANGED):
            pay(session)
        assert services.find(session).totals.total_amount == 2 * SHIRT + SHIPPING
        assert pay(session).order.discount_code == ""

    def test_a_code_somebody_else_used_up_changes_the_total(self):
        mine, theirs = ready_session(code="ONCE"), ready_session(code="ONCE")
        pay(theirs)
        with refused(ErrorCode.TOTAL_CHANGED):
            pay(mine)
        assert DiscountRedemption.objects.count() == 1

    def test_what_the_caller_was_shown_counts_more_than_what_the_session_was(self):
        session = ready_session()
        with refused(ErrorCode.TOTAL_CHANGED):
            pay(session, expected_total_amount=1)
        assert pay(session, expected_total_amount=2 * SHIRT + SHIPPING).payment

    def test_pieces_somebody_else_has_taken_are_sold_out_and_nothing_is_left_behind(self):
        session = ready_session(pieces=2)
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=-9)
        with refused(ErrorCode.SOLD_OUT) as refusal:
            pay(session)
        assert refusal.value.values["variant"] == "Organic Cotton T-Shirt (Medium / Blue)"
        assert refusal.value.values["available"] == 1
        assert (Order.objects.count(), TestCharge.objects.count(), shelf()) == (0, 0, (1, 0))

    def test_a_thing_taken_off_sale_is_sold_out(self, small_shop):
        session = ready_session()
        small_shop.shirt.variants.update(is_active=False)
        with refused(ErrorCode.SOLD_OUT):
            pay(session)


class TestWhatIsMissing:
    def test_an_empty_session_is_told_everything_at_once(self):
        session = session_of(
            services.add_item(None, product_id=SHIRT_ID, variant_id=MEDIUM_BLUE_ID, quantity=1),
        )
        services.clear(session)
        with refused(ErrorCode.CHECKOUT_INCOMPLETE) as refusal:
            pay(session)
        assert refusal.value.values["missing"] == [
            "items",
            "customer_details.email",
            "shipping_address",
            "shipping_method_id",
        ]

    def test_a_shipping_method_without_a_rate_any_more_is_missing(self):
        session = ready_session()
        ShippingRate.objects.all().delete()
        with refused(ErrorCode.CHECKOUT_INCOMPLETE):
            pay(session)

    def test_no_session_at_all(self):
        with refused(ErrorCode.CHECKOUT_NOT_FOUND):
            pay(None)

    def test_a_session_whose_time_ran_out_is_not_found_whether_swept_or_not(self):
        session = ready_session()
        Checkout.objects.update(expires_at=timezone.now())
        for _ in range(2):
            with refused(ErrorCode.CHECKOUT_NOT_FOUND):
                pay(session)
            services.expire_due()
        assert checkout_of(session).status == CheckoutStatus.EXPIRED


class TestPaymentDataTheGatewayRefuses:
    def test_it_is_invalid_data_and_the_checkout_stays_open(self):
        session = ready_session()
        with refused(ErrorCode.PAYMENT_DATA_INVALID):
            pay(session, "tok_currencyRefused")
        assert checkout_of(session).status == CheckoutStatus.ACTIVE
        assert pay(session).order.status == OrderStatus.ACCEPTED
