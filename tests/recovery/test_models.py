"""How records of recovery name themselves where staff reads them."""

from __future__ import annotations

import pytest

from recovery.models import Sequence, Step


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(86_400, "1 day"), (259_200, "3 days"), (3600, "1 h"), (90 * 60, "90 min"), (75, "75 s"), (0, "0 s")],
)
def test_a_step_says_after_how_long_it_writes(seconds: int, said: str) -> None:
    assert str(Step(sequence=Sequence(name="Reminders"), delay_seconds=seconds)) == f"Reminders, after {said}"
