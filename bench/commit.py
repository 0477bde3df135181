"""Which code was measured."""

from __future__ import annotations

import subprocess

from bench.instance import ROOT


def now() -> str:
    commit = _git("rev-parse", "--short=12", "HEAD")
    return f"{commit} with uncommitted changes" if _git("status", "--porcelain", "--untracked-files=no") else commit


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
