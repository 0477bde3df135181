"""Who is compared, and since when: the same for mailed people and the control group."""

from __future__ import annotations

from datetime import timedelta

import pytest

from carts import people
from carts.models import Cart
from common.persons import email_key
from recovery import holdout
from recovery.mailer import MailServerAway
from recovery.models import Enrolment, Message
from recovery.states import Outcome, Reason
from tests.admin_rows import make_order, make_payment
from tests.recovery.backends import HERE
from tests.recovery.carts import ADA, make_abandoned
from tests.recovery.sequences import DAY, HOUR, Time, make_sequence

pytestmark = pytest.mark.usefixtures("shop")
HELD_OUT, MAILED = 100, 1  # per cent; Ada is drawn by none of 1 %


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=[HELD_OUT, MAILED], ids=["held out", "mailed"])
def percent(request, settings) -> int:
    settings.RECOVERY_HOLDOUT_PERCENT = request.param
    return request.param


@pytest.fixture
def cart(shop, time, percent) -> Cart:
    """Ada's, a first mail about which is due in an hour."""
    make_sequence()
    cart = make_abandoned()
    time.run()
    return cart


def entered() -> list[object]:
    return list(Enrolment.objects.filter(compared_at__isnull=False).values_list("compared_at", flat=True))


def test_ada_is_drawn_as_these_tests_say():
    assert [holdout.is_drawn(email_key(ADA), percent) for percent in (MAILED, HELD_OUT)] == [False, True]


def test_at_the_first_mail_that_is_fit_to_go_and_only_then(cart, time, percent):
    assert entered() == []
    first = time.on(hours=1.1).now
    time.run()
    assert entered() == [first]
    time.on(hours=24).run()
    time.on(hours=72).run()
    assert entered() == [first]
    enrolment = Enrolment.objects.get()
    assert (enrolment.drawn_percent, enrolment.is_held_out) == (percent, percent == HELD_OUT)


def test_also_where_the_mail_waits_and_they_buy_before_it_goes(cart, time):
    """The mailed ones who buy while it waits must not be missing from their group."""
    order = make_order(cart=cart, status="pending", captured_amount=0)
    make_payment(order, status="processing", captured_amount=0)
    moment = time.on(hours=1.1).now
    time.run()
    people.note_purchase(emails=[ADA], now=time.now + timedelta(minutes=5))
    time.on(hours=24).run()
    assert entered() == [moment]
    assert not Message.objects.filter(outcome=Outcome.SENT).exists()


def test_also_where_the_mail_server_is_away(cart, time, percent, settings):
    settings.EMAIL_BACKEND = HERE + "Away"
    moment = time.on(hours=1.1).now
    if percent == MAILED:
        with pytest.raises(MailServerAway):
            time.run()
    else:
        time.run()
    assert entered() == [moment]


def test_nobody_enters_who_bought_before_or_may_not_be_written_to(cart, time):
    people.note_purchase(emails=[ADA], now=time.on(hours=1).now)
    time.on(hours=0.1).run()
    assert (entered(), Message.objects.get().reason) == ([], Reason.PURCHASED)


def test_a_step_whose_conditions_are_not_met_is_none_and_the_next_one_counts(time, percent):
    sequence = make_sequence(HOUR, DAY)
    sequence.steps.filter(delay_seconds=HOUR).update(minimum_amount=10**9, currency="USD")
    make_abandoned()
    time.run()
    time.on(hours=1.1).run()
    assert entered() == []
    time.on(hours=23).run()
    assert entered() == [time.now]


def test_a_person_enters_once_however_many_carts_they_leave(cart, time):
    time.on(hours=1.1).run()
    first = entered()
    make_abandoned(abandoned_at=time.now, last_activity_at=time.now)
    time.on(hours=1).run()
    time.on(hours=80).run()
    assert Enrolment.objects.count() == 2
    assert entered() == first


def test_where_there_is_no_control_group_nobody_is_compared(shop, time, settings):
    settings.RECOVERY_HOLDOUT_PERCENT = 0
    make_sequence()
    make_abandoned()
    time.run()
    time.on(hours=1.1).run()
    assert (entered(), Message.objects.get().outcome) == ([], Outcome.SENT)
    assert Enrolment.objects.get().drawn_percent is None


def test_people_keep_the_share_at_which_they_were_drawn(cart, time, percent, settings):
    settings.RECOVERY_HOLDOUT_PERCENT = 50
    make_abandoned(abandoned_at=time.on(hours=2).now)
    time.run()
    assert set(Enrolment.objects.values_list("drawn_percent", flat=True)) == {percent}
