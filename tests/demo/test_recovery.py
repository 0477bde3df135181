"""The demo's recovery mails: on, at the delays of the setting, and never about carts of the demo's past."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.management import call_command

from carts.models import Cart
from carts.states import CartStatus
from common import languages
from demo import recovery
from recovery import texts
from recovery.models import Enrolment, Message, Sequence
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time

pytestmark = pytest.mark.django_db


def delays(*, of_active: bool = True) -> list[int]:
    steps = Sequence.objects.get().steps.all()
    return [step.delay_seconds for step in steps if step.is_active or not of_active]


def test_the_demo_mails_nobody_of_its_past_and_whoever_leaves_a_cart_now():
    call_command("load_demo")
    time = Time()
    assert Cart.objects.filter(status=CartStatus.ABANDONED).count() > 50
    of_the_past = Enrolment.objects.count(), Message.objects.count()
    time.on(days=9).run()
    assert (Enrolment.objects.count(), Message.objects.count()) == of_the_past
    assert mail.outbox == []
    make_abandoned(abandoned_at=time.now)
    time.run()
    assert time.on(hours=1.1).run() == 1
    assert not Cart.objects.filter(status=CartStatus.ABANDONED, is_followed_up=False).exists()


def test_its_delays_follow_the_setting_and_its_words_the_merchant(settings):
    recovery.load()
    assert delays() == [3600, 86_400, 259_200]
    switched_on = Sequence.objects.get().activated_at
    Sequence.objects.get().steps.first().texts.update(subject="My own words")
    for wanted in ([86_400, 259_200, 500_000], [2, 4], [1, 2, 3, 4]):
        settings.RECOVERY_STEP_DELAYS_SECONDS = wanted
        recovery.load()
        assert delays() == wanted
    kept = Sequence.objects.get().steps.first().texts.values_list("language", "subject")
    assert dict(kept) == dict.fromkeys(languages.NAMES, "My own words")
    assert Sequence.objects.get().activated_at == switched_on


def test_a_sequence_that_was_switched_off_stays_off():
    recovery.load()
    Sequence.objects.update(activated_at=None)
    recovery.load()
    assert not Sequence.objects.get().is_active


def test_its_words_have_no_placeholder_that_stands_for_nothing():
    recovery.load()
    for step in Sequence.objects.get().steps.all():
        for text in step.texts.all():
            texts.check(text.subject + text.body, gives_a_code=False)
