"""Keeps a few processes running: starts them, starts them again when they die, stops them all together.

Each child leads a process group of its own, so what it leaves behind when it dies is ended before
its successor starts, and a Ctrl-C reaches them through here only. If this process is killed, the
kernel (Linux) ends the children.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

from checkout_project.parent import SUPERVISED, end_with_parent

logger = logging.getLogger(__name__)

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STEADY_SECONDS = 30.0  # a child that lived this long starts again without delay
STOP_SECONDS = 15.0
TICK = 0.1


def _follow(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its program."""

    def prepare() -> None:
        end_with_parent()
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return prepare


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = 0.0
    start_at: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        prepare, environment = _follow(os.getpid()), os.environ | {SUPERVISED: "1"}
        self.process = subprocess.Popen(  # noqa: S603, PLW1509
            self.command, start_new_session=True, preexec_fn=prepare, env=environment
        )
        self.started_at = time.monotonic()

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> None:
        """Ends what the dead child left behind and decides when its successor starts."""
        assert self.process is not None
        logger.warning("%s ended with %s; starting it again", self.name, self.process.returncode)
        self.signal_group(signal.SIGKILL)
        lived = time.monotonic() - self.started_at
        self.delay = 0.0 if lived > STEADY_SECONDS else min(max(self.delay * 2, FIRST_DELAY), LONGEST_DELAY)
        self.start_at, self.process = time.monotonic() + self.delay, None

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


class Supervisor:
    def __init__(self, commands: Mapping[str, list[str]]) -> None:
        self.children = [Child(name, command) for name, command in commands.items()]
        self._stopping = threading.Event()

    def run(self) -> None:
        """Blocks until SIGTERM or SIGINT, then until every child has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            while not self._stopping.is_set():
                self._bury_the_dead()
                self._start_what_is_due()
                self._stopping.wait(TICK)
        finally:
            self._stop_all()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stopping.set()

    def _start_what_is_due(self) -> None:
        for child in self.children:
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()

    def _bury_the_dead(self) -> None:
        for child in self.children:
            if child.has_died():
                child.bury()

    def _stop_all(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is not None:
                try:
                    child.process.wait(max(deadline - time.monotonic(), TICK))
                except subprocess.TimeoutExpired:
                    logger.warning("%s did not stop in time and is ended", child.name)
            child.signal_group(signal.SIGKILL)
