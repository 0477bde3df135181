"""The real handlers of an accepted order, and a pause after each mail: a mail server takes its time."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task

from checkout_project.handlers import HANDLERS as REAL

SECONDS_A_MAIL = 0.02  # slow enough to be killed in the middle


@shared_task(name="proofs.take_time")
def take_time(event_id: int, payload: dict[str, Any]) -> None:
    time.sleep(SECONDS_A_MAIL)


HANDLERS = REAL | {"order.accepted": (*REAL["order.accepted"], "proofs.take_time")}
