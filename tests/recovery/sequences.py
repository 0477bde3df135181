"""Sequences for tests, and a clock that can be moved on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from recovery import enrolment, sending
from recovery.models import Message, Sequence, Step, StepText

HOUR, DAY = 3600, 86_400
DELAYS = (HOUR, DAY, 3 * DAY)


def make_sequence(*delays: int, name: str = "Three mails", on_for: timedelta = timedelta(days=30), **values: object):
    """On since `on_for` ago, a step for each delay (seconds)."""
    sequence = Sequence.objects.create(name=name, **{"activated_at": timezone.now() - on_for} | values)
    for number, delay in enumerate(delays or DELAYS, start=1):
        add_step(sequence, delay, subject=f"Step {number}")
    return sequence


def add_step(sequence: Sequence, delay: int, *, subject: str = "You left something", body: str = "", **values) -> Step:
    step = Step.objects.create(sequence=sequence, delay_seconds=delay, **values)
    body = body or "Hello {name},\n\nyour things at {shop} come to {amount}."
    StepText.objects.create(step=step, language="en", subject=subject, body=body)
    return step


class Time:
    """A clock for the engine: now and then, when it is told."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> Time:
        self.now += timedelta(**more)
        return self

    def run(self) -> int:
        """What the scheduled job does, at this moment: how many mails were handed over."""
        enrolment.enrol(now=self.now)
        return sending.send_due(clock=self)


def log() -> list[tuple[str, str]]:
    """[(outcome, reason)], oldest first"""
    return list(Message.objects.order_by("id").values_list("outcome", "reason"))
