"""Many purchases of one client at the same moment: no more is held than the balance and the caps allow."""

from __future__ import annotations

import time

import pytest

from common.errors import ErrorCode
from prepaid import queries, services
from prepaid.models import Account, Hold
from purchases import worker
from purchases.models import Purchase
from tests.prepaid.accounts import make_account
from tests.purchases.agents import RICH, SHIRT_TOTAL, make_agent, purchase_of, work
from tests.races.crowd import is_postgres, tally, together

CALLS, CENTS = 10, 1000


def race(account: Account, calls: int = CALLS) -> dict:
    def hold(number: int) -> Hold:
        return services.hold(account.pk, reference=f"purchase:{number}", amount=CENTS, currency="USD")

    return tally(together(calls, hold))


@pytest.mark.usefixtures("transactional_db")
class TestHolds:
    def test_ten_calls_against_a_cap_of_three_hold_three(self):
        account = make_account(day_cap=3 * CENTS)
        assert race(account) == {"done": 3, ErrorCode.SPENDING_CAP: CALLS - 3}
        assert self.held(account) == 3 * CENTS

    def test_ten_calls_against_a_balance_for_three_hold_three(self):
        account = make_account(balance=3 * CENTS)
        assert race(account) == {"done": 3, ErrorCode.BALANCE_TOO_LOW: CALLS - 3}
        assert self.held(account) == 3 * CENTS

    def test_control_without_the_lock_the_same_race_goes_over_the_cap(self, monkeypatch):
        if not is_postgres():
            pytest.skip("the embedded database lets one writer in at a time")
        account = make_account(day_cap=3 * CENTS)

        def looked_at(account_id: int) -> Account:
            return Account.objects.get(pk=account_id)

        def slowly(*args: object) -> int:
            spent = spent_on(*args)
            time.sleep(0.05)
            return spent

        spent_on = services.spent_on
        monkeypatch.setattr(services, "_locked", looked_at)
        monkeypatch.setattr(services, "spent_on", slowly)
        race(account)
        assert Hold.objects.count() > 3
        assert queries.out_of_balance().exists()

    def test_a_hold_that_is_spent_and_given_back_at_once_ends_one_way(self):
        account = make_account(balance=100 * CENTS)
        race(account)

        def end(number: int) -> object:
            reference = f"purchase:{number // 2}"
            return services.give_back(reference) if number % 2 else services.settle(reference, charge_key=reference)

        together(2 * CALLS, end)
        account.refresh_from_db()
        spent = Hold.objects.filter(status="settled").count()
        assert (account.balance_amount, account.held_amount) == ((100 - spent) * CENTS, 0)
        assert not queries.out_of_balance().exists()

    def test_one_click_ten_times_tops_up_once(self):
        account = make_account(balance=0)
        together(CALLS, lambda _: services.top_up(account.pk, CENTS, key="click"))
        account.refresh_from_db()
        assert account.balance_amount == CENTS

    def held(self, account: Account) -> int:
        account.refresh_from_db()
        assert not queries.out_of_balance().exists()
        return account.held_amount


@pytest.mark.usefixtures("ten_shirts")
class TestPurchases:
    def test_ten_purchases_and_a_days_cap_for_three(self):
        agent = make_agent(day_cap=3 * SHIRT_TOTAL)
        bought = [purchase_of(agent.buy()).pk for _ in range(CALLS)]
        together(CALLS, lambda number: worker.work(bought[number]))
        work()
        states = tally(list(Purchase.objects.values_list("status", flat=True)))
        assert states == {"completed": 3, "failed": CALLS - 3}
        assert agent.account.balance_amount == RICH - 3 * SHIRT_TOTAL
        assert agent.account.held_amount == 0

    def test_ten_workers_at_one_purchase_buy_it_once(self):
        agent = make_agent()
        purchase = purchase_of(agent.buy())
        together(CALLS, lambda _: worker.work(purchase.pk))
        work()
        purchase.refresh_from_db()
        assert purchase.status == "completed"
        assert agent.account.balance_amount == RICH - SHIRT_TOTAL
