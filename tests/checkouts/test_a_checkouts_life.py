"""A checkout's states: what staff and time do, what the table refuses, what the database refuses."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError
from django.utils import timezone

from checkouts import again, services
from checkouts.completion import Completion
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from checkouts.states import CHECKOUT, CheckoutStatus
from common.errors import DomainError, ErrorCode
from orders.models import Order
from tests.checkouts.shopping import checkout_of, pay, ready_session, refused
from tests.factories import ADDRESS

pytestmark = pytest.mark.usefixtures("small_shop")


@pytest.fixture
def session():
    return ready_session()


def put_into(session, status: str) -> Checkout:
    Checkout.objects.filter(session_key=session).update(status=status)
    return checkout_of(session)


def buy(view: CheckoutView, token: str = "tok_visa") -> Completion:
    """With a checkout that was begun again: where it is to go is typed once more."""
    session = view.checkout.session_key
    services.set_shipping_address(session, ADDRESS)
    return pay(session, token)


class TestStaff:
    @pytest.mark.parametrize("verb", [services.expire, again.reopen])
    def test_a_second_time_changes_nothing(self, session, verb):
        services.expire(checkout_of(session).pk)
        for _ in range(2):
            verb(checkout_of(session).pk)
        assert checkout_of(session).status in {"expired", "active"}

    @pytest.mark.parametrize("verb", [services.expire, again.reopen])
    @pytest.mark.parametrize("status", [CheckoutStatus.PAYING, CheckoutStatus.COMPLETED])
    def test_a_paying_or_completed_one_is_left_alone(self, session, status, verb):
        pay(session)
        checkout = put_into(session, status)
        with refused(ErrorCode.ILLEGAL_MOVE):
            verb(checkout.pk)

    def test_a_paying_one_cannot_be_deleted(self, session):
        checkout = put_into(session, CheckoutStatus.PAYING)
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            services.delete(checkout.pk)

    def test_a_reopened_one_can_be_bought(self, session):
        checkout = checkout_of(session)
        Checkout.objects.update(expires_at=timezone.now())
        services.expire_due()
        again.reopen(checkout.pk)
        assert pay(session).order.is_paid

    def test_a_session_that_went_on_without_it_is_not_given_two(self, session):
        old = checkout_of(session)
        services.expire(old.pk)
        services.find_or_begin(session)
        with refused(ErrorCode.ILLEGAL_MOVE):
            again.reopen(old.pk)

    def test_a_cart_that_went_on_in_another_session_is_not_given_two(self, session):
        old = checkout_of(session)
        services.expire(old.pk)
        Checkout.objects.create(cart=old.cart, expires_at=services.expiry(timezone.now()))
        with refused(ErrorCode.ILLEGAL_MOVE):
            again.reopen(old.pk)

    def test_one_whose_cart_was_bought_in_another_session_stays_over(self, session):
        old = checkout_of(session)
        services.expire(old.pk)
        buy(again.begin_again(old.cart_id))
        with refused(ErrorCode.CART_CLOSED):
            again.reopen(old.pk)

    def test_a_reopened_one_takes_the_place_of_what_was_begun_in_another_session(self, session):
        old = checkout_of(session)
        services.expire(old.pk)
        other = again.begin_again(old.cart_id)
        with refused(ErrorCode.PAYMENT_DECLINED):
            buy(other, "tok_chargeDeclined")
        services.expire(other.checkout.pk)
        again.reopen(old.pk)
        assert pay(session).order.is_paid
        assert sorted(Order.objects.values_list("status", flat=True)) == ["accepted", "canceled"]

    def test_deleting_a_completed_one_keeps_its_order(self, session):
        order = pay(session).order
        services.delete(checkout_of(session).pk)
        order.refresh_from_db()
        assert (order.is_paid, order.cart.status) == (True, "converted")


class TestTime:
    def test_every_write_gives_the_session_its_whole_time_again(self, session):
        Checkout.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
        services.remove_discount(session)
        assert checkout_of(session).expires_at > timezone.now() + timedelta(minutes=59)

    def test_reading_does_not(self, session):
        soon = timezone.now() + timedelta(seconds=5)
        Checkout.objects.update(expires_at=soon)
        services.find(session)
        assert checkout_of(session).expires_at == soon

    def test_a_paying_one_never_runs_out(self, session):
        put_into(session, CheckoutStatus.PAYING)
        Checkout.objects.update(expires_at=timezone.now() - timedelta(days=1))
        assert services.expire_due() == 0
        assert services.find(session) is not None
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            services.clear(session)

    def test_a_sweep_takes_what_is_due_and_no_more_than_told(self):
        sessions = [ready_session(pieces=1) for _ in range(3)]
        Checkout.objects.exclude(session_key=sessions[0]).update(expires_at=timezone.now())
        assert [services.expire_due(limit=1) for _ in range(3)] == [1, 1, 0]
        assert checkout_of(sessions[0]).status == CheckoutStatus.ACTIVE


@pytest.mark.parametrize(("current", "target"), list(product(CheckoutStatus, CheckoutStatus)))
def test_a_move_that_is_not_in_the_table_is_refused(current, target):
    if CHECKOUT.allows(current, target):
        CHECKOUT.check(current, target)
        return
    with pytest.raises(DomainError) as refusal:
        CHECKOUT.check(current, target)
    assert refusal.value.code is ErrorCode.ILLEGAL_MOVE


class TestRowsTheDatabaseRefuses:
    def test_completed_without_an_order(self, session):
        with pytest.raises(IntegrityError, match="completed_has_an_order"):
            put_into(session, CheckoutStatus.COMPLETED)

    def test_two_live_checkouts_of_a_session(self, session):
        other = ready_session(pieces=1)
        with pytest.raises(IntegrityError, match="session"):
            Checkout.objects.filter(session_key=other).update(session_key=session)

    def test_two_live_checkouts_of_a_cart(self, session):
        with pytest.raises(IntegrityError, match="cart"):
            Checkout.objects.create(cart=checkout_of(session).cart, expires_at=timezone.now())

    def test_two_checkouts_of_an_order(self, session):
        order = pay(session).order
        other = ready_session(pieces=1)
        with pytest.raises(IntegrityError, match="order"):
            Checkout.objects.filter(session_key=other).update(order=order)
