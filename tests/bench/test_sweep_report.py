"""The sweep's part of the page: its sums, and that neither part of the page loses the other."""

from __future__ import annotations

import dataclasses
import json

from bench.sweep_report import BEGINS, keep_from, put_in, read, section
from bench.swept import SweepResult, SweepRound

RESULT = SweepResult(100_000, 1, [SweepRound(3.0, 1.0), SweepRound(2.0, 2.0), SweepRound(8.0, 4.0)], "Index Scan")


def test_ratios_are_taken_round_by_round_before_their_median():
    assert "| 100,000 | 10,000 | the newest | 3.00 s | 2.00 s | **2.0** | 3.0, 1.0, 2.0 |" in section(
        [RESULT], "- on: here"
    )


def test_what_a_run_printed_last_is_read():
    assert read("a warning\n" + json.dumps(dataclasses.asdict(RESULT)) + "\n") == RESULT


def test_each_part_is_written_without_touching_the_other():
    page = put_in("# Purchases\n\nold\n", section([RESULT], "- date: then"))
    assert page.startswith("# Purchases\n\nold\n\n" + BEGINS)
    assert put_in(page, BEGINS + "\nnew\n") == "# Purchases\n\nold\n\n" + BEGINS + "\nnew\n"
    newer = keep_from(page, "# Purchases\n\nnew\n")
    assert newer.startswith("# Purchases\n\nnew\n\n" + BEGINS)
    assert "- date: then" in newer
    assert keep_from("# Purchases\n", "# Newer\n") == "# Newer\n"
