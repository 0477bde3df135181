"""What the mail server says decides what becomes of a mail; only a clear answer is one."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail

from carts import services as carts
from carts.models import Cart
from recovery import aftermath, sending
from recovery.mailer import Answer, MailServerAway, meaning_of
from recovery.models import Enrolment, Message, RecoveryLink, Suppression
from recovery.states import Outcome, Reason, Wait
from tests.recovery.backends import HERE, Says, recipient_refused, refused
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, log, make_sequence


@pytest.fixture
def time(shop) -> Time:
    """Its first mail is due."""
    time = Time()
    make_sequence()
    make_abandoned()
    time.run()
    return time.on(hours=1.1)


@pytest.fixture
def says(settings):
    """`says(error, ...)`: what the mail server raises, one mail after the other."""
    settings.EMAIL_BACKEND = HERE + "Says"
    Says.ERRORS.clear()
    yield lambda *errors: Says.ERRORS.extend(errors)
    Says.ERRORS.clear()


def only() -> Message:
    return Message.objects.get()


def test_one_that_cannot_be_reached_changes_nothing_and_is_tried_again(time, settings):
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, HERE + "Away"
    with pytest.raises(MailServerAway, match="nobody listens"):
        time.run()
    assert (log(), RecoveryLink.objects.count()) == ([], 0)
    settings.EMAIL_BACKEND = backend
    assert time.on(minutes=1).run() == 1


class TestNotNow:
    @pytest.mark.parametrize("error", [recipient_refused(451, "4.7.1 greylisted"), refused(452, "4.3.1 full")])
    def test_it_is_tried_again_later_under_the_same_message_id(self, time, says, error):
        says(error)
        assert time.run() == 1
        assert (only().outcome, Enrolment.objects.get().waits_for) == (Outcome.WAITING, Wait.MAIL_SERVER)
        first = only().public_id
        assert time.on(minutes=4).run() == 0
        assert time.on(minutes=2).run() == 1
        assert (only().outcome, only().attempts, only().public_id) == (Outcome.SENT, 2, first)
        assert first.hex in mail.outbox[0].extra_headers["Message-ID"]
        assert RecoveryLink.objects.count() == 1

    def test_the_next_step_keeps_its_distance_from_the_one_that_went(self, time, says):
        says(refused(451, "later"))
        time.run()
        time.on(minutes=6).run()
        assert time.on(hours=22.9).run() == 0
        assert time.on(hours=0.2).run() == 1

    def test_whoever_buys_meanwhile_gets_none(self, time, says):
        says(refused(451, "later"))
        time.run()
        carts.mark_bought(Cart.objects.get().pk, now=time.now)
        time.on(minutes=6).run()
        assert log() == [(Outcome.SKIPPED, Reason.PURCHASED)]

    def test_after_five_times_it_has_failed_and_the_next_step_goes_on(self, time, says):
        says(*[refused(451, "later")] * 5)
        for _ in range(5):
            time.run()
            time.on(hours=2)
        assert (only().outcome, only().attempts) == (Outcome.FAILED, 5)
        time.on(days=1).run()
        assert [message.subject for message in mail.outbox] == ["Step 2"]

    def test_the_last_step_is_tried_again_too(self, shop, says):
        make_sequence(60)
        time = Time()
        make_abandoned()
        time.run()
        says(refused(451, "later"))
        time.on(minutes=2).run()
        time.on(minutes=6).run()
        assert only().outcome == Outcome.SENT
        assert Enrolment.objects.get().ended_at

    def test_a_newer_cart_that_came_meanwhile_takes_its_place(self, time, says):
        claim = self.claim(time)
        Enrolment.objects.update(ended_at=time.now, ended_because=Reason.NEWER_CART)
        aftermath.finish(claim, Answer(Outcome.WAITING), now=time.now)
        assert log() == [(Outcome.SKIPPED, Reason.NEWER_CART)]

    def claim(self, time: Time):
        enrolment = Enrolment.objects.select_related("sequence", "cart").get()
        case = sending.look(enrolment, time.now)
        letter = sending.write(case, time)
        return sending._decide(enrolment.pk, sending.Draft(letter, case.version), time)


class TestNever:
    @pytest.mark.parametrize(
        ("error", "is_bounce"),
        [
            (recipient_refused(550, "5.1.1 no such user"), True),
            (recipient_refused(550, "mailbox unavailable"), True),
            (recipient_refused(550, "5.7.1 blocked for spam"), False),
            (recipient_refused(554, "transaction failed"), False),
            (refused(554, "5.6.0 we do not like it"), False),
            (ValueError("a header with a line break"), False),
        ],
    )
    def test_it_has_failed_and_an_address_that_is_none_is_suppressed(self, time, says, error, is_bounce):
        says(error)
        time.run()
        assert only().outcome == Outcome.FAILED
        assert Suppression.objects.filter(reason="bounced", hint="a***@example.com").count() == is_bounce
        time.on(days=1).run()
        assert log()[1] == ((Outcome.SKIPPED, Reason.BOUNCED) if is_bounce else (Outcome.SENT, ""))

    def test_an_address_that_is_none_is_suppressed_also_when_its_cart_was_deleted_meanwhile(self, time, settings):
        settings.EMAIL_BACKEND = HERE + "RefusesAndDeletes"
        time.run()
        assert not Cart.objects.exists()
        assert Suppression.objects.get().reason == "bounced"


class TestNobodyKnows:
    @pytest.mark.parametrize(
        "error", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("silent"), OSError("disk"), RuntimeError("?")]
    )
    def test_a_line_that_breaks_leaves_it_unknown_and_it_is_never_repeated(self, time, says, error):
        says(error)
        time.run()
        assert log() == [(Outcome.UNKNOWN, "")]
        time.on(hours=5).run()
        assert mail.outbox == []

    def test_the_next_step_goes_at_its_distance(self, time, says):
        says(TimeoutError("silent"))
        time.run()
        assert time.on(hours=22.9).run() == 0
        assert time.on(hours=0.2).run() == 1

    def test_a_worker_that_died_handing_it_over(self, time, settings):
        time.run()
        Message.objects.update(outcome=Outcome.HANDING_OVER, finished_at=None)
        time.on(seconds=settings.HANDOVER_LEASE_SECONDS - 1).run()
        assert only().outcome == Outcome.HANDING_OVER
        time.on(seconds=2).run()
        assert only().outcome == Outcome.UNKNOWN
        assert "died" in only().error

    def test_a_worker_that_was_slow_and_not_dead_is_believed(self, time, says):
        claim = TestNotNow().claim(time)
        Message.objects.update(outcome=Outcome.UNKNOWN)
        aftermath.finish(claim, Answer(Outcome.WAITING), now=time.now)
        assert only().outcome == Outcome.UNKNOWN
        aftermath.finish(claim, Answer(Outcome.SENT), now=time.now)
        assert only().outcome == Outcome.SENT


class ProviderError(Exception):
    def __init__(self, status_code: int | None) -> None:
        super().__init__(f"the provider's API said {status_code}")
        self.status_code = status_code


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, Outcome.WAITING), (400, Outcome.FAILED), (500, Outcome.UNKNOWN), (None, Outcome.UNKNOWN)],
)
def test_a_providers_api_is_understood_by_its_status(status, outcome):
    assert meaning_of(ProviderError(status)).outcome == outcome


def test_the_gap_holds_while_a_mail_is_being_handed_over(time, settings):
    settings.RECOVERY_MIN_GAP_SECONDS = 3600
    TestNotNow().claim(time)
    make_abandoned(ago=timedelta(hours=-1))  # its mail is due 54 minutes from now
    time.run()
    time.on(minutes=58).run()
    assert log()[-1] == (Outcome.SKIPPED, Reason.CAPPED)
