"""A prepaid balance in the grammar of gateways: what is set aside is charged once, and comes back by refunds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.errors import DomainError, ErrorCode
from payments import comparison, reconcile, refunds
from payments import services as payments
from payments.gateways.base import ChargeRequest, GatewayRefused, Outcome, RefundState
from payments.gateways.registry import BALANCE, gateway, providers_on_offer
from payments.instruments import instrument_for
from payments.models import DeclineMark, Payment
from prepaid import services as prepaid
from prepaid.models import Account
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.prepaid.accounts import make_account

pytestmark = pytest.mark.django_db
HELD = "purchase:1"
REQUEST = ChargeRequest(
    key="key-1",
    provider=BALANCE,
    amount=3000,
    currency="USD",
    instrument=HELD,
    order_reference="order-1",
    return_url="http://127.0.0.1:8000/orders/x/return",
)
ours = gateway(BALANCE)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def held(account) -> Account:
    prepaid.hold(account.pk, reference=HELD, amount=3000, currency="USD")
    return account


def balance(account: Account) -> tuple[int, int]:
    account.refresh_from_db()
    return account.balance_amount, account.held_amount


def test_what_is_held_is_taken_and_the_same_key_again_takes_nothing_more(held):
    first, again = ours.purchase(REQUEST), ours.purchase(REQUEST)
    assert first == again
    assert (first.outcome, first.amount, first.captured_amount, first.currency) == (
        Outcome.CAPTURED, 3000, 3000, "USD",
    )  # fmt: skip
    assert balance(held) == (7000, 0)


@pytest.mark.parametrize(
    "changes",
    [{"amount": 2999}, {"amount": 3001}, {"currency": "EUR"}, {"instrument": "purchase:2"}, {"instrument": ""}],
    ids=str,
)
def test_anything_else_than_what_is_held_is_a_no(held, changes):
    assert ours.purchase(replace(REQUEST, **changes)).outcome == Outcome.DECLINED
    assert balance(held) == (10_000, 3000)


def test_what_was_given_back_is_a_no_for_good(held):
    prepaid.give_back(HELD)
    assert ours.purchase(REQUEST).outcome == Outcome.DECLINED
    assert balance(held) == (10_000, 0)


def test_another_key_does_not_charge_it_again(held):
    ours.purchase(REQUEST)
    assert ours.purchase(replace(REQUEST, key="key-2")).outcome == Outcome.DECLINED
    assert balance(held) == (7000, 0)


def test_it_is_looked_up_by_reference_and_by_key(held):
    assert ours.look_up(reference="", key="key-1").outcome == Outcome.UNKNOWN
    charged = ours.purchase(REQUEST)
    assert ours.look_up(reference=charged.reference, key="") == charged
    assert ours.look_up(reference="", key="key-1") == charged
    assert ours.look_up(reference="nonsense", key="key-1").outcome == Outcome.UNKNOWN


def test_refunds_are_listed_each_under_its_key(held):
    reference = ours.purchase(REQUEST).reference
    ours.refund(reference, amount=1000, key="refund-1")
    again = ours.refund(reference, amount=1000, key="refund-1")
    both = ours.refund(reference, amount=2000, key="refund-2")
    assert (again.refunded_amount, both.refunded_amount) == (1000, 3000)
    assert [(one.key, one.amount, one.state) for one in both.refunds] == [
        ("refund-1", 1000, RefundState.DONE),
        ("refund-2", 2000, RefundState.DONE),
    ]
    with pytest.raises(GatewayRefused):
        ours.refund(reference, amount=1, key="refund-3")
    assert balance(held) == (10_000, 0)


def test_what_a_balance_cannot_do_is_refused(held):
    for act in (ours.authorize, ours.host, ours.prepare):
        with pytest.raises(GatewayRefused):
            act(REQUEST)
    with pytest.raises(GatewayRefused):
        ours.capture("hold_1", amount=1, key="k")
    with pytest.raises(GatewayRefused):
        ours.void("hold_1", key="k")
    with pytest.raises(GatewayRefused):
        ours.refund("hold_999999", amount=1, key="k")


def test_no_shopper_may_name_it():
    assert BALANCE not in providers_on_offer()
    with pytest.raises(DomainError) as caught:
        instrument_for(BALANCE, token=HELD)
    assert caught.value.code is ErrorCode.PAYMENT_PROVIDER_UNKNOWN


class TestInTheShop:
    @pytest.fixture
    def paid(self, account) -> Payment:
        demo_shop(on_hand=10)
        prepaid.hold(account.pk, reference=HELD, amount=TOTAL, currency="USD")
        return payments.pay_order(make_order().pk, provider=BALANCE, instrument=HELD)

    def test_an_order_is_paid_by_it_and_paid_back_to_it(self, paid, account):
        assert (paid.status, paid.order.status) == ("captured", "accepted")
        assert balance(account) == (10_000 - TOTAL, 0)
        refund = refunds.refund_order(paid.order_id, amount=500, reason="x", request_key="1")[0]
        assert refund.status == "done"
        assert balance(account) == (10_500 - TOTAL, 0)

    def test_a_no_is_no_card_testing(self, account):
        demo_shop(on_hand=10)
        payment = payments.pay_order(make_order().pk, provider=BALANCE, instrument=HELD)
        assert payment.status == "declined"
        assert not DeclineMark.objects.exists()

    def test_the_nightly_comparison_finds_no_difference(self, paid):
        Payment.objects.update(compare_at=paid.created_at)
        comparison.compare_due()
        assert not paid.differences.exists()

    def test_a_charge_that_another_transaction_holds_up_is_in_doubt_and_settled_later(self, account, monkeypatch):
        demo_shop(on_hand=10)
        prepaid.hold(account.pk, reference=HELD, amount=TOTAL, currency="USD")

        def busy(*_: object, **__: object) -> None:
            raise DomainError(ErrorCode.BUSY)

        with monkeypatch.context() as patch:
            patch.setattr(prepaid, "settle", busy)
            payment = payments.pay_order(make_order().pk, provider=BALANCE, instrument=HELD)
        assert payment.status == "processing"
        assert reconcile.look_up(payment.pk).status == "captured"
        assert balance(account) == (10_000 - TOTAL, 0)
