"""One run: the three loads in turn, round by round, so that whatever else the machine does meets all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import books, cpu
from bench.calls import EIGHT_EMPTY, JOURNEY, Call
from bench.figures import Phase, Round
from bench.instance import ROOT, Processes

WARM_UP_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float  # of journeys in a round; the yardsticks get half of it
    clients: int
    port: int
    busy_before: float  # the machine's load average before the shop was started: figures of a busy one are worse
    placements: Callable[[int], float] | None  # seconds -> placements a second; None without pgbench or PostgreSQL


@dataclass
class Result:
    rounds: list[Round]
    journeys: int  # completed, warming up included


class LoadFailed(Exception):
    """The server gave an answer other than the expected one: its figures mean nothing."""


def measure(plan: Plan, processes: Processes) -> Result:
    """Raises LoadFailed, RuntimeError."""
    result = Result([], 0)
    _load(plan, JOURNEY, WARM_UP_SECONDS, result)
    _load(plan, EIGHT_EMPTY, WARM_UP_SECONDS, None)
    for _ in range(plan.rounds):
        before = cpu.of_each(books.session_pids())
        journeys = _phase(plan, processes, JOURNEY, plan.seconds, result)
        database_cpu = cpu.spent_between(before, cpu.of_each(books.session_pids()))
        empties = _phase(plan, processes, EIGHT_EMPTY, plan.seconds / 2, None)
        placements = plan.placements(max(round(plan.seconds / 2), 1)) if plan.placements else None
        result.rounds.append(Round(journeys, empties, placements, database_cpu))
    return result


def _phase(plan: Plan, processes: Processes, calls: list[Call], seconds: float, counted: Result | None) -> Phase:
    web, worker = processes.cpu("web"), processes.cpu("worker")
    load = _load(plan, calls, seconds, counted)
    web_cpu = processes.cpu("web") - web
    books.wait_for_the_worker()
    worker_cpu = processes.cpu("worker") - worker
    return Phase(load["passes"], load["seconds"], web_cpu, worker_cpu, load["milliseconds"])


def _load(plan: Plan, calls: list[Call], seconds: float, counted: Result | None) -> dict[str, Any]:
    """The client runs in a process of its own: its CPU is nobody's."""
    order = {"port": plan.port, "clients": plan.clients, "seconds": seconds, "calls": calls}
    command = [sys.executable, "-m", "bench.client"]
    answer = subprocess.run(
        command, cwd=ROOT, input=json.dumps(order), capture_output=True, text=True, check=True, timeout=seconds + 90
    )
    load: dict[str, Any] = json.loads(answer.stdout)
    if load["faults"] or not load["passes"]:
        raise LoadFailed("; ".join(load["faults"]) or "not one pass was completed")
    books.wait_for_the_worker()
    if counted is not None:
        counted.journeys += load["passes"]
    return load
