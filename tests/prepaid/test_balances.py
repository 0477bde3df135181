"""Money comes in, is held, is spent or given back, and comes back; each once, and every movement is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import DomainError, ErrorCode
from prepaid import queries, services
from prepaid.models import Account, Entry, Hold
from prepaid.states import HoldStatus
from tests.prepaid.accounts import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


def stands(account: Account) -> tuple[int, int]:
    """(balance, held)"""
    account.refresh_from_db()
    assert not queries.out_of_balance().exists()
    return account.balance_amount, account.held_amount


def hold(account: Account, reference: str = "purchase:1", amount: int = 3000, currency: str = "USD") -> Hold:
    return services.hold(account.pk, reference=reference, amount=amount, currency=currency)


def refused(code: ErrorCode, act, **values: object) -> None:
    with pytest.raises(DomainError) as caught:
        act()
    assert caught.value.code is code
    assert values.items() <= caught.value.values.items()


def test_a_top_up_counts_once_however_often_it_is_clicked(account):
    assert services.top_up(account.pk, 500, key="click", created_by="ada")
    assert not services.top_up(account.pk, 500, key="click")
    assert stands(account) == (10_500, 0)
    assert Entry.objects.get(key="click").created_by == "ada"


def test_no_more_is_taken_out_than_is_free(account):
    hold(account, amount=9000)
    refused(ErrorCode.BALANCE_TOO_LOW, lambda: services.top_up(account.pk, -1001, key="a"), available=1000)
    assert services.top_up(account.pk, -1000, key="b")
    assert stands(account) == (9000, 9000)


def test_a_top_up_of_nothing_is_refused(account):
    refused(ErrorCode.INVALID_VALUE, lambda: services.top_up(account.pk, 0, key="a"))


def test_what_is_held_cannot_be_held_again(account):
    hold(account, amount=6000)
    refused(ErrorCode.BALANCE_TOO_LOW, lambda: hold(account, "purchase:2", 4001), wanted=4001, available=4000)
    hold(account, "purchase:2", 4000)
    assert stands(account) == (10_000, 10_000)


def test_the_same_hold_again_is_the_same(account):
    assert hold(account) == hold(account)
    assert stands(account) == (10_000, 3000)


def test_a_hold_is_spent_once(account):
    hold(account)
    first = services.settle("purchase:1", charge_key="one")
    again = services.settle("purchase:1", charge_key="two")
    assert (first.charge_key, again.charge_key) == ("one", "one")
    assert stands(account) == (7000, 0)


def test_a_hold_is_given_back_once_and_then_cannot_be_spent(account):
    hold(account)
    services.give_back("purchase:1")
    services.give_back("purchase:1")
    assert services.settle("purchase:1", charge_key="late").status == HoldStatus.GIVEN_BACK
    assert stands(account) == (10_000, 0)


def test_what_is_spent_is_not_given_back(account):
    hold(account)
    services.settle("purchase:1", charge_key="one")
    held = services.give_back("purchase:1")
    assert held is not None
    assert held.status == HoldStatus.SETTLED
    assert stands(account) == (7000, 0)


def test_nothing_was_ever_held(account):
    assert services.give_back("purchase:9") is None


def test_refunds_come_back_each_once_and_no_more_than_was_spent(account):
    hold(account)
    services.settle("purchase:1", charge_key="one")
    for _ in range(2):
        services.refund("purchase:1", amount=1000, key="refund 1")
    refused(ErrorCode.REFUND_TOO_LARGE, lambda: services.refund("purchase:1", amount=2001, key="2"), refundable=2000)
    services.refund("purchase:1", amount=2000, key="refund 3")
    assert stands(account) == (10_000, 0)


def test_what_was_only_held_is_not_refunded(account):
    hold(account)
    refused(ErrorCode.REFUND_TOO_LARGE, lambda: services.refund("purchase:1", amount=1, key="a"), refundable=0)


def test_another_currency_is_refused(account):
    refused(ErrorCode.BALANCE_CURRENCY, lambda: hold(account, currency="EUR"), wanted="EUR", currency="USD")


class TestCaps:
    def test_a_purchase_may_cost_the_cap_and_no_more(self):
        account = make_account(cap=3000)
        refused(ErrorCode.SPENDING_CAP, lambda: hold(account, amount=3001), per="purchase", cap=3000)
        hold(account, amount=3000)

    def test_a_day_counts_what_is_held_and_what_is_spent(self):
        account = make_account(day_cap=5000)
        hold(account, "purchase:1", 2000)
        services.settle("purchase:1", charge_key="one")
        hold(account, "purchase:2", 2000)
        refused(ErrorCode.SPENDING_CAP, lambda: hold(account, "purchase:3", 1001), per="day", spent=4000)
        services.give_back("purchase:2")
        hold(account, "purchase:3", 3000)

    def test_a_refund_gives_no_room_back(self):
        account = make_account(day_cap=3000)
        hold(account)
        services.settle("purchase:1", charge_key="one")
        services.refund("purchase:1", amount=3000, key="a")
        refused(ErrorCode.SPENDING_CAP, lambda: hold(account, "purchase:2", 1), per="day")

    def test_the_next_day_is_another(self):
        account = make_account(day_cap=3000)
        hold(account)
        Hold.objects.update(day=timezone.localdate() - timedelta(days=1))
        hold(account, "purchase:2")

    def test_the_day_is_the_shops(self, monkeypatch):
        midnight_in_honolulu = timezone.now().replace(hour=9, minute=59)
        monkeypatch.setattr(timezone, "now", lambda: midnight_in_honolulu)
        account = make_account()
        with timezone.override("Pacific/Honolulu"):
            hold(account)
        assert Hold.objects.get().day == midnight_in_honolulu.date() - timedelta(days=1)

    def test_a_cap_of_nothing_buys_nothing(self):
        account = make_account(cap=0)
        refused(ErrorCode.SPENDING_CAP, lambda: hold(account, amount=1))


@pytest.mark.parametrize(
    "wrong",
    [{"held_amount": -1}, {"held_amount": 10_001}, {"balance_amount": -1}, {"purchase_cap_amount": -1}],
    ids=str,
)
def test_the_database_itself_refuses_what_must_never_be(account, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**wrong)


def test_a_sum_that_its_entries_do_not_give_is_found(account):
    Account.objects.filter(pk=account.pk).update(balance_amount=9999)
    assert list(queries.out_of_balance()) == [account]
