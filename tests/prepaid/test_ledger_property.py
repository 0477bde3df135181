"""Whatever is done to an account in whatever order: its sums are those of its entries, and none is below zero."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from prepaid import queries, services
from prepaid.models import Account, Entry, Hold
from prepaid.states import HoldStatus
from tests.prepaid.accounts import make_account

REFERENCES = st.sampled_from([f"purchase:{number}" for number in range(4)])
AMOUNTS = st.integers(-3000, 3000)
ACTS = st.one_of(
    st.tuples(st.just("top_up"), AMOUNTS, st.sampled_from("abcd")),
    st.tuples(st.just("hold"), REFERENCES, st.integers(0, 3000)),
    st.tuples(st.just("settle"), REFERENCES, st.sampled_from("xy")),
    st.tuples(st.just("give_back"), REFERENCES),
    st.tuples(st.just("refund"), REFERENCES, st.integers(0, 3000), st.sampled_from("rst")),
)


def do(account: Account, act: tuple) -> None:
    name, *values = act
    if name == "top_up":
        services.top_up(account.pk, values[0], key=values[1])
    elif name == "hold":
        services.hold(account.pk, reference=values[0], amount=values[1], currency="USD")
    elif name == "settle":
        services.settle(values[0], charge_key=f"{values[0]} {values[1]}")
    elif name == "give_back":
        services.give_back(values[0])
    else:
        services.refund(values[0], amount=values[1], key=f"refund {values[2]}")


def check(account: Account) -> None:
    account.refresh_from_db()
    assert not queries.out_of_balance().exists()
    assert 0 <= account.held_amount <= account.balance_amount
    holds = list(Hold.objects.filter(account=account))
    assert account.held_amount == sum(hold.amount for hold in holds if hold.status == HoldStatus.HELD)
    spent = sum(hold.amount - hold.refunded_amount for hold in holds if hold.status == HoldStatus.SETTLED)
    came_in = sum(entry.balance_change for entry in Entry.objects.filter(kind__in=("top_up", "taken_out")))
    assert account.balance_amount == came_in - spent
    ends = Counter(Entry.objects.filter(kind__in=("settle", "give_back")).values_list("hold", flat=True))
    assert set(ends.values()) <= {1}


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=14))
def test_the_books_are_right_after_every_act(acts):
    with transaction.atomic():
        account = make_account(day_cap=6000, cap=2500)
        for act in acts:
            with suppress(DomainError, Hold.DoesNotExist):
                do(account, act)
            check(account)
        transaction.set_rollback(True)
