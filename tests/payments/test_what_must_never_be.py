"""Rows about money that the database itself refuses, whoever writes them."""

import pytest
from django.db import IntegrityError, transaction

from payments import services as payments
from payments.models import Payment
from payments.states import OPEN, PaymentStatus
from tests.payments.builders import make_order, make_payment

NEVER = {
    "a payment of nothing": {"amount": 0},
    "a payment of less than nothing": {"amount": -1},
    "more paid back than taken": {"captured_amount": 5, "refunded_amount": 6},
    "less than nothing paid back": {"refunded_amount": -1},
    "more taken than asked": {"captured_amount": 1_000_000, "status": PaymentStatus.CAPTURED},
}


@pytest.mark.parametrize("values", list(NEVER.values()), ids=list(NEVER))
def test_is_refused(order, values):
    make_payment(order)
    with pytest.raises(IntegrityError, match="payment_of_something|refunded_at_most_captured_at_most_asked"):
        Payment.objects.update(**values)


def test_more_taken_than_asked_can_be_written_down_for_a_person_to_look_at(order):
    make_payment(order)
    assert Payment.objects.update(captured_amount=1_000_000, status=PaymentStatus.REVIEW)


@pytest.mark.parametrize("status", OPEN)
def test_two_open_payments_of_one_order_are_refused(order, status):
    first = make_payment(order)
    Payment.objects.filter(pk=first.pk).update(status=status)
    with pytest.raises(IntegrityError, match="order"):
        make_payment(order)


@pytest.mark.parametrize("status", sorted(set(PaymentStatus) - set(OPEN)))
def test_a_further_one_after_an_answer_is_not(order, status):
    first = make_payment(order)
    Payment.objects.filter(pk=first.pk).update(status=status)
    make_payment(order)


@pytest.mark.parametrize("unique", ["idempotency_key", "gateway_reference"])
def test_two_payments_cannot_share_what_the_gateway_knows_them_by(order, unique):
    first, second = make_payment(order), make_payment(make_order())
    Payment.objects.filter(pk=first.pk).update(**{unique: "same"})
    with pytest.raises(IntegrityError, match=unique):
        Payment.objects.filter(pk=second.pk).update(**{unique: "same"})


@pytest.mark.django_db(transaction=True)
def test_a_gateway_is_never_asked_inside_a_transaction(order):
    payment = make_payment(order)
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        payments.charge(payment)
