"""Seconds of CPU a process and all it started have used, as /proc (Linux) counts them."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def used_by(pid: int) -> float:
    """CPU seconds of the tree below `pid`, ended children included; 0.0 for a process that is gone."""
    try:
        return _own(pid) + sum(used_by(child) for child in _children(pid))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def of_each(pids: list[int]) -> dict[int, float]:
    """CPU seconds of processes we did not start (database sessions); those that run elsewhere are left out."""
    seconds = {}
    for pid in pids:
        try:
            seconds[pid] = _own(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return seconds


def spent_between(before: dict[int, float], after: dict[int, float]) -> float | None:
    """What those still there have used since; who came meanwhile counts whole. None where nobody is known."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items()) if after else None


def _own(pid: int) -> float:
    return ticks_of(Path(f"/proc/{pid}/stat").read_text()) / _TICKS


def ticks_of(stat: str) -> int:
    """utime + stime + those of ended children. The name, in brackets, may hold blanks and brackets itself."""
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15])


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found
