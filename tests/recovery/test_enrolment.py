"""A newly abandoned cart goes into a sequence: once a spell, and a person into one at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from carts import people
from carts.models import Cart, Door
from carts.states import CartStatus
from recovery import enrolment
from recovery.models import Consent, Enrolment, Holdout, Message
from recovery.states import Outcome, Reason
from tests.recovery.carts import ADA, make_abandoned
from tests.recovery.sequences import DAY, HOUR, Time, add_step, log, make_sequence

pytestmark = pytest.mark.usefixtures("shop")


def enrol() -> int:
    return enrolment.enrol(now=timezone.now())


def only() -> Enrolment:
    return Enrolment.objects.get()


def test_a_cart_is_enrolled_once_and_its_first_step_is_due_at_its_own_distance():
    make_sequence()
    cart = make_abandoned()
    assert (enrol(), enrol()) == (1, 0)
    assert only().due_at == cart.abandoned_at + timedelta(seconds=HOUR)
    assert (only().cart, only().spell_at, only().ended_at) == (cart, cart.abandoned_at, None)


class TestWhoIsNotEnrolled:
    """They are looked at once and never again."""

    def nobody_is(self) -> None:
        assert (enrol(), enrol()) == (1, 0)
        assert not Enrolment.objects.exists()

    def test_where_no_sequence_is_on(self):
        make_sequence(activated_at=None)
        make_abandoned()
        self.nobody_is()

    def test_where_a_sequence_has_nothing_to_send(self):
        make_sequence().steps.update(is_active=False)
        make_abandoned()
        self.nobody_is()

    def test_whose_cart_staff_filled_in(self):
        make_sequence()
        make_abandoned(door=Door.STAFF)
        self.nobody_is()

    def test_where_mails_are_off(self, settings):
        settings.RECOVERY_AUDIENCE = "off"
        make_sequence()
        make_abandoned()
        self.nobody_is()

    def test_a_cart_abandoned_before_the_sequence_was_switched_on(self):
        make_sequence(on_for=timedelta(minutes=10))
        make_abandoned(ago=timedelta(minutes=11))
        self.nobody_is()

    def test_an_address_that_is_none(self):
        make_sequence()
        make_abandoned("nonsense")
        self.nobody_is()


def test_a_cart_found_late_is_enrolled_for_when_it_was_abandoned():
    make_sequence()
    cart = make_abandoned(ago=timedelta(days=2))
    enrol()
    assert only().due_at == cart.abandoned_at + timedelta(seconds=HOUR)


class TestOneAPerson:
    def test_a_newer_cart_takes_the_place_of_an_older_one_and_the_log_says_so(self):
        make_sequence()
        old = make_abandoned(ago=timedelta(hours=3))
        enrol()
        new = make_abandoned("ADA@example.com", ago=timedelta(hours=1))
        enrol()
        running, ended = Enrolment.objects.order_by("ended_at")
        assert (running.cart, ended.cart) in {(new, old), (old, new)}
        assert Enrolment.objects.get(ended_at=None).cart == new
        assert Enrolment.objects.get(cart=old).ended_because == Reason.NEWER_CART
        assert log() == [(Outcome.SKIPPED, Reason.NEWER_CART)]

    def test_of_two_found_at_once_the_one_touched_last_runs(self):
        make_sequence()
        new, old = make_abandoned(), make_abandoned(ago=timedelta(hours=2))
        enrol()
        assert Enrolment.objects.get(ended_at=None).cart == new
        assert Enrolment.objects.get(cart=old).ended_because == Reason.NEWER_CART

    def test_an_older_cart_that_is_found_later_ends_at_once(self):
        make_sequence()
        new = make_abandoned()
        enrol()
        old = make_abandoned(ago=timedelta(hours=5))
        enrol()
        assert Enrolment.objects.get(ended_at=None).cart == new
        assert Enrolment.objects.get(cart=old).ended_because == Reason.NEWER_CART
        assert log() == [(Outcome.SKIPPED, Reason.NEWER_CART)]

    def test_the_next_spell_of_a_cart_takes_the_place_of_the_one_before(self):
        make_sequence()
        cart = make_abandoned(ago=timedelta(hours=4))
        enrol()
        Cart.objects.update(abandoned_at=timezone.now(), last_activity_at=timezone.now(), is_followed_up=False)
        enrol()
        assert Enrolment.objects.get(ended_at=None).spell_at > cart.abandoned_at
        assert Enrolment.objects.exclude(ended_at=None).get().ended_because == Reason.CAME_BACK

    def test_a_mail_that_waits_for_the_mail_server_is_not_sent_about_the_older_cart(self):
        sequence = make_sequence()
        make_abandoned(ago=timedelta(hours=3))
        enrol()
        Message.objects.create(
            enrolment=only(),
            step=sequence.steps.all()[0],
            person=only().person,
            outcome=Outcome.WAITING,
            decided_at=timezone.now(),
        )
        make_abandoned()
        enrol()
        assert log() == [(Outcome.SKIPPED, Reason.NEWER_CART)]


class TestWhichSequence:
    def test_the_first_that_is_meant_for_the_person(self):
        customers = make_sequence(name="Customers", audience="customers", position=1)
        everybody = make_sequence(name="Everybody", position=2)
        people.note_purchase(emails=[ADA], now=timezone.now() - timedelta(days=9))
        for email in (ADA, "bo@example.com"):
            make_abandoned(email)
        enrol()
        found = dict(Enrolment.objects.values_list("cart__email", "sequence"))
        assert found == {ADA: customers.pk, "bo@example.com": everybody.pk}

    def test_consent_is_looked_up(self):
        make_sequence(name="Agreed", audience="consent")
        everybody = make_sequence(name="Everybody", position=1)
        person_known = make_abandoned()
        enrol()
        assert only().sequence == everybody
        Consent.objects.create(person=only().person, text_version="1", source="test")
        Cart.objects.filter(pk=person_known.pk).update(abandoned_at=timezone.now(), is_followed_up=False)
        enrol()
        assert Enrolment.objects.get(ended_at=None).sequence.name == "Agreed"

    def test_where_none_is_meant_for_them_the_first_will_say_so(self):
        customers = make_sequence(audience="customers")
        make_abandoned()
        enrol()
        assert only().sequence == customers

    def test_a_first_step_that_is_switched_off_is_passed_over(self):
        sequence = make_sequence(HOUR, DAY)
        sequence.steps.filter(delay_seconds=HOUR).update(is_active=False)
        cart = make_abandoned()
        enrol()
        assert only().due_at == cart.abandoned_at + timedelta(seconds=DAY)


class TestControlGroup:
    @pytest.mark.parametrize(("percent", "share"), [(0, 0), (100, 1)])
    def test_nobody_or_everybody(self, settings, percent, share):
        settings.RECOVERY_HOLDOUT_PERCENT = percent
        make_sequence()
        make_abandoned()
        enrol()
        assert only().is_held_out is bool(share)

    def test_who_is_drawn_once_stays_whatever_the_share_becomes(self, settings):
        make_sequence()
        for share in (100, 1, 100):
            settings.RECOVERY_HOLDOUT_PERCENT = share
            make_abandoned()
            enrol()
        assert set(Enrolment.objects.values_list("is_held_out", flat=True)) == {True}
        assert Holdout.objects.get().percent == 100

    def test_about_the_share_is_drawn(self, settings):
        settings.RECOVERY_HOLDOUT_PERCENT = 30
        make_sequence()
        for number in range(200):
            make_abandoned(f"person.{number}@example.com", pieces=0)
        enrol()
        assert 40 <= Enrolment.objects.filter(is_held_out=True).count() <= 80


def test_a_batch_takes_as_many_statements_as_one_cart(settings, django_assert_num_queries):
    settings.RECOVERY_HOLDOUT_PERCENT = 50
    sequence = make_sequence()
    add_step(sequence, 9 * DAY)
    for count in (1, 40):
        for number in range(count):
            make_abandoned(f"ada.{count}.{number}@example.com", ago=timedelta(hours=1))
        enrol()
        for number in range(count):
            make_abandoned(f"ada.{count}.{number}@example.com")
        with django_assert_num_queries(19):
            assert enrol() == count
    assert Enrolment.objects.filter(ended_at=None).count() == 41


def test_a_cart_that_came_back_before_it_was_looked_at_is_not_enrolled():
    make_sequence()
    cart = make_abandoned()
    Cart.objects.filter(pk=cart.pk).update(status=CartStatus.ACTIVE)
    assert enrol() == 0


def test_the_clock_of_tests_does_what_the_job_does():
    make_sequence()
    make_abandoned()
    assert Time().run() == 0
