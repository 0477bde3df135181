"""Each mail goes once, at its time, and never where there is a reason against it at that very moment."""

from __future__ import annotations

import itertools
from datetime import timedelta
from time import monotonic

import pytest
from django.core import mail
from django.db import DataError, IntegrityError

from carts import people
from carts import services as carts
from carts.models import Cart
from carts.states import CartStatus
from catalog.models import Stock
from common.errors import DomainError, ErrorCode
from recovery import aftermath, knowledge, sending, suppression, tasks
from recovery.models import Consent, Enrolment, Message, RecoveryLink
from recovery.states import Outcome, Reason, SuppressedBecause, Wait
from recovery.tokens import digest_of
from tests.checkouts.shopping import checkout_of, pay, ready_session
from tests.recovery.carts import ADA, idle_since, make_abandoned, make_cart
from tests.recovery.sequences import DAY, HOUR, Time, log, make_sequence

pytestmark = pytest.mark.usefixtures("shop")
SENT = (Outcome.SENT, "")


def skipped(reason: Reason) -> tuple[str, str]:
    return Outcome.SKIPPED, reason


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def enrolled(shop, time) -> Cart:
    """A cart whose first mail is due in an hour."""
    make_sequence()
    cart = make_abandoned()
    time.run()
    return cart


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


class TestOneAfterTheOther:
    def test_three_mails_at_their_times_and_then_no_more(self, enrolled, time):
        for hours, count in ((0.5, 0), (0.6, 1), (22, 1), (1.2, 2), (48.2, 3), (300, 3)):
            time.on(hours=hours).run()
            assert len(mail.outbox) == count, f"after {hours} h"
        assert subjects() == ["Step 1", "Step 2", "Step 3"]
        assert log() == [SENT] * 3
        assert Enrolment.objects.get().ended_at
        assert mail.outbox[0].to == [ADA]

    def test_a_second_look_at_the_same_moment_sends_nothing(self, enrolled, time):
        time.on(hours=2)
        assert (time.run(), time.run()) == (1, 0)

    def test_after_an_outage_one_mail_goes_and_the_others_keep_their_distance(self, enrolled, time):
        time.on(days=10)
        assert [time.run(), time.run(), time.run()] == [1, 0, 0]
        assert time.on(hours=22.9).run() == 0
        assert time.on(hours=0.2).run() == 1  # 23 h after the first, as the sequence says
        assert time.on(hours=47.9).run() == 0
        assert time.on(hours=0.2).run() == 1  # 48 h after the second
        assert subjects() == ["Step 1", "Step 2", "Step 3"]

    def test_a_step_added_or_switched_off_meanwhile_is_heeded(self, enrolled, time):
        time.on(hours=1.1).run()
        sequence = Enrolment.objects.get().sequence
        sequence.steps.filter(delay_seconds=DAY).update(is_active=False)
        time.on(hours=24).run()
        time.on(hours=48).run()
        assert subjects() == ["Step 1", "Step 3"]

    def test_a_step_that_was_sent_does_not_come_again_because_it_was_moved_later(self, enrolled, time):
        time.on(hours=1.1).run()
        steps = Enrolment.objects.get().sequence.steps
        steps.filter(delay_seconds=HOUR).update(delay_seconds=2 * HOUR)
        time.on(hours=1.5).run()
        assert subjects() == ["Step 1"]
        time.on(hours=24).run()
        assert subjects() == ["Step 1", "Step 2"]

    def test_two_steps_that_change_places_are_each_sent_once(self, enrolled, time):
        time.on(hours=1.1).run()
        steps = Enrolment.objects.get().sequence.steps
        for before, after in ((HOUR, 1), (DAY, HOUR), (1, DAY)):
            steps.filter(delay_seconds=before).update(delay_seconds=after)
        for _ in range(5):
            time.on(days=1.1).run()
        assert subjects() == ["Step 1", "Step 3"]

    def test_a_moved_step_is_no_obstacle_to_a_purchase_or_to_switching_off(self, enrolled, time):
        time.on(hours=1.1).run()
        Enrolment.objects.get().sequence.steps.filter(delay_seconds=HOUR).update(delay_seconds=2 * HOUR)
        carts.mark_bought(enrolled.pk, now=time.now)
        time.on(days=2).run()
        assert log() == [SENT, skipped(Reason.PURCHASED)]

    @pytest.mark.parametrize("unforeseen", [ZeroDivisionError(), DataError("value too long"), IntegrityError("twice")])
    def test_what_nobody_foresaw_about_one_person_keeps_nobody_elses_mail(
        self, enrolled, time, monkeypatch, unforeseen
    ):
        other = make_abandoned("grace@example.com")
        time.run()
        time.on(hours=1.1)
        real = knowledge.case_of

        def spoilt(enrolment: Enrolment, *args: object, **kwargs: object) -> knowledge.Case:
            if enrolment.cart_id == enrolled.pk:
                raise unforeseen
            return real(enrolment, *args, **kwargs)

        monkeypatch.setattr(knowledge, "case_of", spoilt)
        assert time.run() == 1
        assert mail.outbox[0].to == [other.email]
        monkeypatch.undo()
        assert time.on(minutes=30).run() == 0
        assert time.on(minutes=31).run() == 1

    def test_the_scheduled_job_ends_before_another_worker_may_take_it_up(self, enrolled, settings, monkeypatch):
        settings.JOB_LEASE_SECONDS = 3
        monkeypatch.setattr(tasks.enrolment, "enrol", lambda **_: tasks.enrolment.BATCH)  # never at an end
        monkeypatch.setattr(sending, "_due_ids", lambda _: itertools.repeat(enrolled.pk))
        monkeypatch.setattr(sending, "_send_or_put_off", lambda *_: False)
        began = monotonic()
        assert tasks.send_mails() == 0
        assert monotonic() - began < settings.JOB_LEASE_SECONDS

    @pytest.mark.parametrize(("times", "outcome"), [(4, Outcome.SENT), (5, Outcome.HANDING_OVER)])
    def test_that_it_was_sent_is_written_down_however_busy_the_database_is(
        self, enrolled, time, monkeypatch, times, outcome
    ):
        tries = iter([DomainError(ErrorCode.BUSY)] * times)
        write = aftermath._note

        def busy_at_first(*given: object) -> None:
            if error := next(tries, None):
                raise error
            write(*given)

        monkeypatch.setattr(aftermath, "_note", busy_at_first)
        monkeypatch.setattr(aftermath, "BUSY_PAUSES", (0, 0, 0, 0))
        time.on(hours=2).run()
        assert Message.objects.get().outcome == outcome
        assert len(mail.outbox) == 1

    def test_one_that_is_busy_is_due_as_before(self, enrolled, time, monkeypatch):
        def busy(*_: object, **__: object) -> None:
            raise DomainError(ErrorCode.BUSY)

        time.on(hours=1.1)
        monkeypatch.setattr(sending, "look", busy)
        assert time.run() == 0
        monkeypatch.undo()
        assert time.run() == 1

    def test_the_scheduled_job_does_all_of_it(self, shop):
        make_sequence(1)
        make_cart(last_activity_at=idle_since())
        tasks.mark_abandoned()
        assert tasks.send_mails() == 1
        assert len(mail.outbox) == 1


class TestNotSentBecause:
    """Looked at when it is due, in the transaction that would claim it."""

    @pytest.fixture(autouse=True)
    def at_its_time(self, shop, enrolled, time):
        self.cart, self.time = enrolled, time
        time.on(hours=1.1)

    def is_skipped(self, reason: Reason) -> bool:
        return self.time.run() == 0 and log() == [skipped(reason)] and not mail.outbox

    def has_ended(self, reason: Reason) -> bool:
        return self.is_skipped(reason) and Enrolment.objects.get().ended_because == reason

    def test_the_cart_was_bought(self):
        carts.mark_bought(self.cart.pk, now=self.time.now)
        assert self.has_ended(Reason.PURCHASED)

    def test_the_person_bought_another_cart_under_another_spelling(self):
        people.note_purchase(emails=["ADA@Example.com"], now=self.time.now)
        assert self.has_ended(Reason.PURCHASED)

    def test_the_person_bought_under_another_address_with_the_same_phone(self):
        Cart.objects.update(phone="+45 12 34 56 78")
        people.note_purchase(emails=["other@example.com"], phones=["004512345678"], now=self.time.now)
        assert self.has_ended(Reason.PURCHASED)

    def test_the_person_bought_elsewhere_with_the_same_phone_as_it_is_dialled_at_home(self):
        Cart.objects.update(phone="+45 12 34 56 78")
        people.note_purchase(emails=["other@example.com"], phones=["12345678"], now=self.time.now)
        assert self.has_ended(Reason.PURCHASED)

    def test_they_came_back(self):
        carts.touch(self.cart, now=self.time.now)
        assert self.has_ended(Reason.CAME_BACK)

    def test_they_are_filling_a_newer_cart(self):
        make_cart("Ada@example.com", last_activity_at=self.time.now)
        assert self.has_ended(Reason.NEWER_CART)

    def test_an_empty_newer_cart_is_none(self):
        make_cart(pieces=0, last_activity_at=self.time.now)
        assert self.time.run() == 1

    def test_it_was_given_up(self):
        carts.give_up(self.cart.pk)
        assert self.has_ended(Reason.EXPIRED)

    def test_it_was_deleted(self):
        self.cart.delete()
        assert self.has_ended(Reason.DELETED)

    def test_everything_is_sold_out(self):
        Stock.objects.update(on_hand=0)
        assert self.has_ended(Reason.EMPTY)

    @pytest.mark.parametrize("because", SuppressedBecause)
    def test_the_address_is_suppressed(self, because):
        suppression.suppress(" ADA@example.com", because)
        assert self.has_ended(Reason(because))

    def test_the_sequence_was_switched_off(self):
        sequence = Enrolment.objects.get().sequence
        sequence.activated_at = None
        sequence.save()
        assert self.has_ended(Reason.SEQUENCE_OFF)

    @pytest.mark.parametrize(
        ("audience", "reason"),
        [("off", Reason.SWITCHED_OFF), ("customers", Reason.NO_CUSTOMER), ("consent", Reason.NO_CONSENT)],
    )
    def test_the_shop_writes_to_others_only(self, settings, audience, reason):
        settings.RECOVERY_AUDIENCE = audience
        assert self.has_ended(reason)

    def test_who_agreed_gets_it(self, settings):
        settings.RECOVERY_AUDIENCE = "consent"
        Consent.objects.create(person=Enrolment.objects.get().person, text_version="1", source="test")
        assert self.time.run() == 1

    def test_they_are_in_the_control_group(self):
        Enrolment.objects.update(is_held_out=True)
        assert self.has_ended(Reason.HOLDOUT)

    def test_there_were_enough_about_this_cart(self, settings):
        settings.RECOVERY_MAX_MAILS_PER_CART = 1
        assert self.time.run() == 1
        self.time.on(days=1).run()
        assert log() == [SENT, skipped(Reason.CART_CAP)]

    def test_they_had_enough_in_thirty_days_about_whichever_carts(self, settings):
        settings.RECOVERY_MAX_MAILS_PER_PERSON = 1
        assert self.time.run() == 1
        self.time.on(days=1).run()
        assert log() == [SENT, skipped(Reason.PERSON_CAP)]

    def test_a_bot(self):
        Cart.objects.update(email="x@storebotmail.joonix.net")
        assert self.has_ended(Reason.BOT)

    def test_a_step_whose_condition_is_not_met_is_passed_over_and_the_next_one_goes(self):
        steps = Enrolment.objects.get().sequence.steps
        steps.filter(delay_seconds=HOUR).update(minimum_amount=4999, currency="USD")
        assert self.is_skipped(Reason.CONDITION)
        assert self.time.on(days=1).run() == 1
        assert subjects() == ["Step 2"]

    def test_a_country_is_known_by_the_checkouts_address(self):
        steps = Enrolment.objects.get().sequence.steps
        steps.filter(delay_seconds=HOUR).update(countries="DK")
        self.cart.checkouts.create(shipping_address={"country": "DK"}, expires_at=self.time.now)
        assert self.time.run() == 1

    def test_a_country_is_still_known_when_somebody_came_back_by_a_link(self):
        steps = Enrolment.objects.get().sequence.steps
        steps.filter(delay_seconds=HOUR).update(countries="DK")
        for address in ({"country": "DK"}, {}, {"country": ""}):
            self.cart.checkouts.update(status="expired")
            self.cart.checkouts.create(shipping_address=address, expires_at=self.time.now)
        assert self.time.run() == 1


class TestTooSoonAfterAnother:
    def test_a_second_cart_of_the_same_person_waits_out_the_gap(self, enrolled, time):
        time.on(hours=1.1).run()
        make_abandoned("Ada@EXAMPLE.com", ago=timedelta(hours=-2))
        time.run()
        time.on(hours=2.5).run()
        assert log() == [SENT, skipped(Reason.NEWER_CART), skipped(Reason.CAPPED)]
        time.on(hours=23).run()
        assert log()[-1] == SENT
        assert len(mail.outbox) == 2

    def test_a_mail_nobody_knows_the_fate_of_counts(self, enrolled, time):
        time.on(hours=1.1).run()
        Message.objects.update(outcome=Outcome.UNKNOWN)
        Enrolment.objects.update(due_at=time.now)
        time.on(hours=2).run()
        assert log()[-1] == skipped(Reason.CAPPED)

    def test_without_a_gap_both_go(self, enrolled, time, settings):
        settings.RECOVERY_MIN_GAP_SECONDS = 0
        time.on(hours=1.1).run()
        make_abandoned(ago=timedelta(hours=-2))
        time.run()
        time.on(hours=2.5).run()
        assert len(mail.outbox) == 2


class TestPutOff:
    def test_quiet_hours_where_the_shopper_lives(self, time, settings):
        settings.RECOVERY_QUIET_HOURS = (21, 8)
        make_sequence(60)
        time.now = time.now.replace(hour=14, minute=0)
        cart = make_abandoned(abandoned_at=time.now)
        cart.checkouts.create(shipping_address={"country": "JP"}, expires_at=time.now)  # 23:00 there
        assert time.on(minutes=2).run() == 0
        assert (Enrolment.objects.get().waits_for, log()) == (Wait.QUIET_HOURS, [])
        assert Enrolment.objects.get().due_at.hour == 23  # 8:00 there
        assert time.on(hours=9).run() == 1

    def test_a_payment_on_its_way(self, time):
        session = ready_session()
        pay(session, "tok_threeDSecureRequired")
        make_sequence(60)
        cart = checkout_of(session).cart
        Cart.objects.filter(pk=cart.pk).update(status=CartStatus.ABANDONED, abandoned_at=time.now)
        assert time.on(minutes=2).run() == 0
        assert Enrolment.objects.get().waits_for == Wait.BEING_PAID
        cart.orders.get().payments.update(status="declined")
        assert time.on(minutes=16).run() == 1


class TestWhatIsWrittenDown:
    def test_tokens_are_kept_as_digests_and_the_link_is_the_carts(self, enrolled, time):
        time.on(hours=1.1).run()
        body = mail.outbox[0].body
        link = RecoveryLink.objects.get()
        token = body.split("/recover/")[1].split()[0]
        assert (link.token_hash, link.cart) == (digest_of(token), enrolled)
        assert len(token) >= 43
        unsubscribe = body.split("/unsubscribe/")[1].split()[0]
        assert Message.objects.get().unsubscribe_hash == digest_of(unsubscribe)
        assert link.told_amounts == {"7": 2499}

    def test_sent_is_noted_with_the_moment_it_was_decided(self, enrolled, time):
        time.on(hours=1.1).run()
        message = Message.objects.get()
        assert message.decided_at == message.finished_at == time.now
        assert (message.attempts, message.subject, message.language) == (1, "Step 1", "en")


def test_what_cannot_be_decided_now_does_not_hold_up_what_is_behind_it(time, monkeypatch):
    make_sequence()
    stuck = make_abandoned("stuck@example.com", ago=timedelta(hours=2), language="xx")
    make_abandoned(ago=timedelta(hours=1))
    from recovery import letters

    def break_for_stuck(cart, *args, **kwargs):
        if cart.pk == stuck.pk:
            raise KeyError("a text nobody can fill in")
        return write(cart, *args, **kwargs)

    write = letters.write
    monkeypatch.setattr(letters, "write", break_for_stuck)
    time.on(minutes=1).run()
    assert sorted(log()) == sorted([(Outcome.FAILED, ""), SENT])
    assert [message.to for message in mail.outbox] == [[ADA]]


def test_a_cart_deleted_while_its_mail_is_looked_at_holds_nothing_up(time, monkeypatch):
    make_sequence()
    gone = make_abandoned("gone@example.com", ago=timedelta(hours=2))
    make_abandoned(ago=timedelta(hours=1))
    things_of = knowledge.things_of

    def looked_at_for_long(cart):
        things = things_of(cart)
        if cart == gone:
            Cart.objects.filter(pk=gone.pk).delete()
        return things

    monkeypatch.setattr(knowledge, "things_of", looked_at_for_long)
    time.on(minutes=1).run()
    assert [message.to for message in mail.outbox] == [[ADA]]
    time.run()
    assert sorted(log()) == sorted([skipped(Reason.DELETED), SENT])


def test_where_another_worker_was_quicker_one_look_is_enough(enrolled, time, django_assert_num_queries):
    time.on(hours=1.1).run()
    done = Enrolment.objects.get()
    with django_assert_num_queries(1):
        assert not sending.send_one(done.pk, clock=time)


@pytest.mark.parametrize("lines", [1, 30])
def test_a_mail_takes_as_many_statements_for_many_lines_as_for_one(lines, time, django_assert_num_queries):
    from tests.factories import make_product, make_variant

    make_sequence()
    cart = make_abandoned()
    for number in range(lines - 1):
        cart.lines.create(variant=make_variant(make_product(f"Mug {number}")), quantity=1)
    time.run()
    time.on(hours=1.1)
    with django_assert_num_queries(33):
        assert time.run() == 1
