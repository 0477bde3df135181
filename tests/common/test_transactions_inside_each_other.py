"""Who owns the outermost transaction tries a second time, whichever inner one was busy."""

import pytest
from django.db import OperationalError

from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction

pytestmark = pytest.mark.django_db(transaction=True)


def busy_once(calls: list) -> str:
    calls.append(1)
    if len(calls) == 1:
        raise OperationalError("database is locked")
    return "done"


def test_a_busy_inner_transaction_makes_the_owner_try_the_whole_again():
    outer_calls, inner_calls = [], []

    @in_transaction
    def inner():
        return busy_once(inner_calls)

    @in_transaction
    def outer():
        outer_calls.append(1)
        return inner()

    assert outer() == "done"
    assert (len(outer_calls), len(inner_calls)) == (2, 2)


def test_twice_busy_is_said_so_and_not_tried_a_third_time():
    calls = []

    @in_transaction
    def inner():
        calls.append(1)
        raise OperationalError("database is locked")

    with pytest.raises(DomainError) as refusal:
        in_transaction(inner)()
    assert refusal.value.code is ErrorCode.BUSY
    assert len(calls) == 2


def test_another_refusal_is_not_tried_again():
    calls = []

    @in_transaction
    def refuse():
        calls.append(1)
        raise DomainError(ErrorCode.SOLD_OUT)

    with pytest.raises(DomainError):
        refuse()
    assert len(calls) == 1
