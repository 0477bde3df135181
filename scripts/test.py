"""`make test`: the whole suite on the embedded database, then on PostgreSQL and Redis where they can be reached.

What asks the same of any database (marked `once`) runs on the last of them. What was left out, and what was left to
the last, is said at the end, in plain words. Arguments go to pytest: make test ARGS="-k mail".
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import backends

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    ways, reason = backends.reachable()
    last = list(ways)[-1]
    failed, left_to_it = [], 0
    for name, environment in ways.items():
        passed, left = _run(name, environment, sys.argv[1:], is_last=name == last)
        failed += [] if passed else [name]
        left_to_it += left
    left_out = [f"the suite on {backends.SERVERS_NAME}: {reason}"] if reason else []
    if not any(shutil.which(name) for name in BROWSERS):
        left_out.append("the tests in a browser: no Chromium was found")
    print()
    if left_to_it:
        print(f"Run on {last} alone, as they ask the same of any database: {left_to_it} tests.")
    for line in left_out:
        print(f"Left out: {line}.")
    print(f"FAILED on {' and on '.join(failed)}." if failed else f"Passed on {' and on '.join(ways)}.")
    return 1 if failed else 0


def _run(name: str, environment: dict[str, str], given: list[str], *, is_last: bool) -> tuple[bool, int]:
    """Runs pytest in a data directory of its own: (passed, how many tests were left to the last way)."""
    print(f"\n=== The suite on {name} ===", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not long", "-n", "2", "--dist", "loadfile"]
    command += ["--no-loadscope-reorder", *given]  # in the order of tests/conftest.py
    with tempfile.TemporaryDirectory(prefix="shop-tests-") as data:
        note = Path(data) / "once"
        settings = os.environ | environment | {"DATA_DIR": data, "ONCE_LEFT_OUT": "" if is_last else str(note)}
        code = subprocess.run(command, cwd=ROOT, env=settings, check=False).returncode
        left = int(note.read_text()) if note.exists() else 0
    return code in ({0, NOTHING_COLLECTED} if given else {0}), left


if __name__ == "__main__":
    sys.exit(main())
