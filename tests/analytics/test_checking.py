"""Each recovery figure is held against a plain SQL count of the rows, whatever happened."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import checking, comparison, credits
from analytics.definitions import COMPARE_WINDOW, Period
from carts.models import Cart
from carts.states import CartStatus
from orders.models import Order
from payments.models import Payment
from payments.states import PaymentStatus
from recovery.models import Enrolment, Message, Sequence, Step
from recovery.states import Outcome
from tests.analytics.builders import DAY as THAT_DAY
from tests.analytics.builders import days_later
from tests.analytics.mails import (
    DAY,
    HOUR,
    SENT_AT,
    accept_order,
    ask_back,
    buy,
    enrol,
    make_cart,
    make_step,
    pay,
    press,
    send,
)
from tests.factories import make_discount

pytestmark = pytest.mark.django_db
PERIOD = Period(THAT_DAY, days_later(60))
NOW = SENT_AT + COMPARE_WINDOW + 5 * DAY  # the time of some is over, of others not


class Shop:
    """Anything may have happened, in any order. The same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a story, not a secret
        sequences = [Sequence.objects.create(name=name) for name in ("One", "Two")]
        self.steps = [make_step(sequence=each, delay=delay) for each in sequences for delay in (3600, 7200)]
        codes = self.dice.random()
        self.discounts = [
            None,
            make_discount(f"TEN{codes}"[:20], percent=10),
            make_discount(f"OFF{codes}"[:20], off_amount=500),
        ]

    def happen(self, carts: int) -> None:
        for _ in range(carts):
            self._of_one()

    def _moment(self, after: datetime = SENT_AT, days: int = 20) -> datetime:
        """Microseconds too: SQL must not round them."""
        return after + timedelta(seconds=self.dice.randint(0, days * 86_400), microseconds=self.dice.randint(0, 1))

    def _of_one(self) -> None:
        dice, step = self.dice, self.dice.choice(self.steps)
        currency = dice.choice(["USD", "USD", "EUR"])
        cart = make_cart(self._moment(), currency=currency, email=f"p{dice.randint(1, 4)}.{dice.random()}@example.com")
        is_compared = dice.random() < 0.7
        share = dice.choice([10, 50]) if is_compared else None
        held = is_compared and dice.random() < 0.4
        enrol(cart, step, is_held_out=held, drawn_percent=share, compared_at=self._moment() if is_compared else None)
        if not held:
            self._mail(cart, [each for each in self.steps if each.sequence_id == step.sequence_id])
        if dice.random() < 0.5:
            self._buy(cart)
        if dice.random() < 0.3:
            accept_order(cart.email, self._moment(), amount=dice.randint(1, 9999), currency=dice.choice(["USD", "EUR"]))

    def _mail(self, cart: Cart, steps: list[Step]) -> None:
        dice = self.dice
        for each in steps[: dice.randint(0, 2)]:
            outcome = dice.choice([Outcome.SENT, Outcome.SENT, Outcome.SENT, Outcome.SKIPPED, Outcome.UNKNOWN])
            message = send(cart, each, self._moment(), outcome=outcome, language=dice.choice(["en", "de"]))
            if outcome != Outcome.SKIPPED:
                message.link.discount = dice.choice(self.discounts)
                message.link.save()
                for _ in range(dice.choice([0, 0, 0, 1, 2])):
                    press(message, self._moment(message.decided_at, days=12))

    def _buy(self, cart: Cart) -> None:
        dice = self.dice
        mailed_at = Message.objects.filter(enrolment__cart=cart).values_list("decided_at", flat=True).last()
        at = self._moment(mailed_at or SENT_AT, days=10)
        if dice.random() < 0.1:  # its store said so
            Cart.objects.filter(pk=cart.pk).update(status=CartStatus.RECOVERED, bought_at=at)
            return
        order = buy(cart, at, amount=dice.randint(100, 99_999))
        if dice.random() < 0.3:
            order.payments.update(refunded_amount=dice.randint(1, 100))
        if dice.random() < 0.3:
            ask_back(order.payments.get(), dice.randint(1, 100), of=dice.choice(["staff", "surplus", "review"]))
        if dice.random() < 0.3:
            status = dice.choice([PaymentStatus.CAPTURED, PaymentStatus.REVIEW])
            pay(order, 500, surplus_amount=dice.choice([0, 200, 500]), status=status)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_whatever_happened_the_figures_are_what_a_plain_count_says(seed):
    Shop(seed).happen(carts=12)
    assert checking.differences(PERIOD, NOW) == []


@pytest.fixture
def shop() -> None:
    Shop(1).happen(carts=40)


def test_the_night_job_looks_at_a_year_and_finds_nothing(shop):
    assert checking.check_recovery_figures(NOW) == 0
    found = credits.count(PERIOD)
    assert {"direct", "assisted"} <= {name for each in found.values() for name, value in vars(each).items() if value}
    people = comparison.count(PERIOD, now=NOW)
    assert all((people.mailed.buyers, people.held_out.buyers, people.waiting, people.money))


PLANTED = {
    "refunds are forgotten": (
        "analytics.credits.net_amounts",
        lambda orders: dict(orders.values_list("pk", "captured_amount")),
    ),
    "presses after the purchase count": (
        "analytics.credits._presses_before_the_purchase",
        lambda: credits.Click.objects.filter(link__cart=credits.OuterRef("enrolment__cart")),
    ),
    "assisted is a longer while": ("analytics.credits.ASSIST_WINDOW", 30 * DAY),
    "mails that were not sent help": ("analytics.credits._WAS_SENT", ~Q(outcome=Outcome.FAILED)),
    "only their own carts count": (
        "analytics.comparison.who_bought",
        lambda people: people.filter(cart__bought_at__gte=comparison.F("compared_at")),
    ),
    "people whose time is not over count": ("analytics.comparison.over", lambda people, now: people),
}


@pytest.mark.parametrize(("name", "instead"), PLANTED.values(), ids=PLANTED)
def test_a_fault_planted_in_the_figures_is_noticed_and_said(shop, name, instead, monkeypatch, caplog):
    monkeypatch.setattr(name, instead)
    assert checking.check_recovery_figures(NOW) > 0
    assert "A recovery figure is not what its rows say" in caplog.text
    assert " shown, " in caplog.text


def test_each_differing_figure_is_named_with_both_counts():
    step = make_step()
    cart = make_cart()
    press(send(cart, step), SENT_AT + HOUR)
    buy(cart, SENT_AT + 2 * HOUR)
    week = Period(THAT_DAY, days_later(6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credits, "net_amounts", lambda orders: {})
        (line,) = checking.differences(week, NOW)
    assert line == (
        f"direct_amounts USD {step.sequence_id} {step.pk} en none from 2024-01-15 to 2024-01-21: 0 shown, 1000 counted"
    )
    assert (Order.objects.count(), Payment.objects.count(), Enrolment.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(("looks", "wrong"), [(2, 0), (3, 1)], ids=["gone at the third look", "there each time"])
def test_what_changes_between_two_counts_is_no_difference(db, monkeypatch, looks, wrong):
    seen = iter([["sent 1: 628 shown, 629 counted"]] * looks)
    monkeypatch.setattr(checking, "differences", lambda *_: next(seen, []))
    assert checking.check_recovery_figures(NOW) == wrong
