"""Who owns the outermost transaction tries a second time, whichever inner one was busy."""

import pytest
from django.db import OperationalError, connection

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


def test_what_a_refusal_leaves_to_be_done_is_done_once_when_all_is_rolled_back():
    done = []

    @in_transaction
    def refuse():
        error = DomainError(ErrorCode.SOLD_OUT)
        error.afterwards = lambda: done.append(connection.in_atomic_block)
        raise error

    @in_transaction
    def outer():
        try:
            refuse()
        finally:
            assert done == []

    with pytest.raises(DomainError):
        outer()
    assert done == [False]


def test_and_never_where_somebody_makes_good_for_it():
    done = []

    @in_transaction
    def refuse():
        error = DomainError(ErrorCode.SOLD_OUT)
        error.afterwards = lambda: done.append(1)
        raise error

    @in_transaction
    def outer():
        with pytest.raises(DomainError):
            refuse()

    outer()
    assert done == []
