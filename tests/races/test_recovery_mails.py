"""Purchases and recovery mails at the same moment: no mail is claimed after its person's purchase was committed, and
none twice. Without the person's lock, one is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from carts import people
from carts import services as carts
from carts.models import Cart
from common.transactions import in_transaction
from recovery import enrolment, sending, suppression
from recovery.models import Enrolment, Message
from recovery.states import MAY_HAVE_ARRIVED, Outcome, SuppressedBecause
from tests.races.crowd import PATIENCE, is_postgres, together
from tests.races.without_locks import A_MOMENT
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import make_sequence

pytestmark = pytest.mark.usefixtures("ten_shirts")
PEOPLE, WORKERS = 12, 4


def email_of(number: int) -> str:
    return f"ada.{number}@example.com"


def all_due(count: int = PEOPLE) -> list[Cart]:
    make_sequence(1)
    found = [make_abandoned(email_of(number), ago=timedelta(hours=2)) for number in range(count)]
    enrolment.enrol(now=timezone.now())
    return found


def claimed() -> int:
    return Message.objects.filter(outcome__in=MAY_HAVE_ARRIVED).count()


def send_all(_: int = 0) -> int:
    return sending.send_due()


def test_four_workers_send_each_mail_once():
    all_due()
    answers = together(WORKERS, send_all)
    left = sending.send_due()  # what two workers stepped aside for
    assert sum(answers) + left == PEOPLE == len(mail.outbox)
    assert {message.to[0] for message in mail.outbox} == {email_of(number) for number in range(PEOPLE)}


def test_four_workers_enrol_each_cart_once():
    make_sequence(1)
    for number in range(PEOPLE):
        for _ in range(2):
            make_abandoned(email_of(number), ago=timedelta(hours=2))
    together(WORKERS, lambda _: enrolment.enrol(now=timezone.now(), limit=5))
    while enrolment.enrol(now=timezone.now()):
        pass
    assert Enrolment.objects.count() == 2 * PEOPLE
    assert Enrolment.objects.filter(ended_at=None).count() == PEOPLE


class TestPurchases:
    """Half of the people buy another cart, of which recovery knows nothing, while their mails are due."""

    @pytest.fixture
    def bought(self) -> dict[str, datetime]:
        """{address: when the purchase was committed}"""
        return {}

    @in_transaction
    def buy(self, email: str) -> None:
        people.note_purchase(emails=[email], now=timezone.now())
        time.sleep(A_MOMENT)  # the rest of a purchase

    def late_mails(self, bought: dict[str, datetime]) -> int:
        claims = Message.objects.filter(outcome__in=MAY_HAVE_ARRIVED).values_list(
            "enrolment__cart__email", "decided_at"
        )
        return sum(email in bought and at > bought[email] for email, at in claims)

    def race(self, bought: dict[str, datetime]) -> None:
        def one(number: int) -> None:
            if number < WORKERS:
                send_all()
                return
            self.buy(email_of(number - WORKERS))
            bought[email_of(number - WORKERS)] = timezone.now()

        together(WORKERS + PEOPLE // 2, one)
        sending.send_due()

    def test_no_mail_is_claimed_after_its_persons_purchase_was_committed(self, bought):
        all_due()
        self.race(bought)
        assert len(bought) == PEOPLE // 2
        assert self.late_mails(bought) == 0
        assert claimed() == len(mail.outbox) >= PEOPLE // 2

    def test_a_purchase_that_is_being_committed_is_waited_for(self):
        if not is_postgres():
            pytest.skip("the embedded database has one writer at a time")
        all_due(1)
        self.buy_while_sending(patience=5 * A_MOMENT)
        assert (claimed(), Message.objects.get().reason) == (0, "purchased")

    def test_control_without_the_persons_lock_such_a_mail_goes(self, monkeypatch):
        if not is_postgres():
            pytest.skip("the embedded database has one writer at a time")
        all_due(1)
        monkeypatch.setattr(people, "locked", people.bought_at)
        self.buy_while_sending(patience=PATIENCE)
        assert claimed() == 1

    def buy_while_sending(self, *, patience: float) -> None:
        """The purchase is noted and not committed until the sender is through, or for `patience` seconds."""
        noted, sent = Event(), Event()

        @in_transaction
        def buy() -> None:
            people.note_purchase(emails=[email_of(0)], now=timezone.now())
            noted.set()
            sent.wait(patience)

        def send() -> None:
            noted.wait(PATIENCE)
            send_all()
            sent.set()

        together(2, lambda number: buy() if number else send())

    def test_the_carts_own_purchase_and_its_mail(self):
        own = all_due()
        bought: dict[int, datetime] = {}

        def one(number: int) -> None:
            if number < WORKERS:
                send_all()
                return
            cart = own[number - WORKERS]
            in_transaction(carts.mark_bought)(cart.pk, now=timezone.now())
            bought[cart.pk] = timezone.now()

        together(WORKERS + PEOPLE, one)
        sending.send_due()
        claims = Message.objects.filter(outcome__in=MAY_HAVE_ARRIVED).values_list("enrolment__cart", "decided_at")
        assert all(at <= bought[cart] for cart, at in claims)


def test_an_unsubscribe_and_a_mail():
    all_due()
    gone: dict[str, datetime] = {}

    def one(number: int) -> None:
        if number < WORKERS:
            send_all()
            return
        email = email_of(number - WORKERS)
        suppression.suppress(email, SuppressedBecause.UNSUBSCRIBED)
        gone[email] = timezone.now()

    together(WORKERS + PEOPLE, one)
    sending.send_due()
    claims = Message.objects.filter(outcome__in=MAY_HAVE_ARRIVED).values_list("enrolment__cart__email", "decided_at")
    assert all(at <= gone[email] for email, at in claims)
    assert Message.objects.count() == PEOPLE


def test_the_database_refuses_a_second_running_enrolment_of_one_person():
    all_due(2)
    first, second = Enrolment.objects.order_by("pk")
    with pytest.raises(IntegrityError):
        Enrolment.objects.filter(pk=second.pk).update(person=first.person)


@pytest.fixture(autouse=True)
def quick(settings, ten_shirts) -> Iterator[None]:
    settings.RECOVERY_MIN_GAP_SECONDS = 0
    yield
    assert not Message.objects.filter(outcome=Outcome.HANDING_OVER).exists()
