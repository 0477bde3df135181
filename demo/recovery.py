"""The demo's sequence of recovery mails, on from the moment it is loaded: carts of the demo's past are never mailed.
What is told of mails about them (demo.past) is of a sequence that is off.

Its delays are RECOVERY_STEP_DELAYS_SECONDS, at every start; all else stays as the merchant left it.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from common import languages
from recovery.models import Sequence, Step, StepText

NAME = "Come back to your cart"
TEXTS = (
    (
        _("Your cart at {shop} is still there"),
        _(
            "Hello {name},\n\nyou left something in your cart. It is all still there, and one click brings you back to "
            "it."
        ),
    ),
    (
        _("Still thinking it over?"),
        _(
            "Hello {name},\n\nthe things you chose at {shop} come to {amount}. If something kept you from ordering, "
            "answer this mail and we will help."
        ),
    ),
    (
        _("The last word about your cart"),
        _(
            "Hello {name},\n\nthis is the last time we write about it: your cart at {shop} is kept for a while, and "
            "then it goes. If you would still like to have these things, now is a good moment."
        ),
    ),
)
_OUT_OF_THE_WAY = 1_000_000_000  # seconds: while delays change places


def load() -> None:
    sequence, is_new = Sequence.objects.get_or_create(name=NAME)
    _set_delays(sequence)
    if is_new:
        sequence.activated_at = timezone.now()
        sequence.save()


def _set_delays(sequence: Sequence) -> None:
    delays = settings.RECOVERY_STEP_DELAYS_SECONDS
    steps = list(sequence.steps.all())
    if [step.delay_seconds for step in steps[: len(delays)]] != delays[: len(steps)]:
        for number, step in enumerate(steps):
            _move(step, _OUT_OF_THE_WAY + number)
        for step, delay in zip(steps, delays, strict=False):
            _move(step, delay, is_active=step.is_active or step.delay_seconds >= _OUT_OF_THE_WAY)
    for number in range(len(steps), len(delays)):
        add_step(sequence, delays[number], *TEXTS[min(number, len(TEXTS) - 1)])
    sequence.steps.filter(delay_seconds__gte=_OUT_OF_THE_WAY).update(is_active=False)  # more steps than delays


def _move(step: Step, delay: int, **changes: bool) -> None:
    Step.objects.filter(pk=step.pk).update(delay_seconds=delay, **changes)


def add_step(sequence: Sequence, delay: int, subject: str, body: str) -> None:
    step = Step.objects.create(sequence=sequence, delay_seconds=delay)
    StepText.objects.bulk_create(_text(step, code, subject, body) for code in languages.NAMES)


def _text(step: Step, language: str, subject: str, body: str) -> StepText:
    with languages.writing_to(language):
        return StepText(step=step, language=language, subject=gettext(subject), body=gettext(body))
