"""`make prove NAME=...`: runs the proofs of that name at full size, on every way the shop can run here (those marked
`once` on the last of them), and writes what came out to docs/proofs/NAME.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import backends

ROOT = Path(__file__).resolve().parent.parent
PROOFS = ROOT / "docs" / "proofs"
SEED = os.environ.get("PROOF_SEED", "20260101")
NOTHING_COLLECTED = 5
Figures = dict[str, object]


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if not name.replace("_", "").isalnum():
        print("Which proof? make prove NAME=<part of a test's name in tests/proofs>")
        return 1
    ways, reason = backends.reachable()
    reason = f"{backends.SERVERS_NAME}, {reason}" if reason else ""
    if only := os.environ.get("ON", ""):
        ways, reason = _chosen(ways, only)
    rows: list[Figures] = []
    for way, environment in ways.items():
        figures = _run(name, environment, is_last=way == list(ways)[-1])
        if figures is None:
            print(f"The proof failed on {way}; nothing was written down.")
            return 1
        rows += [{"on": way, **row} for row in figures]
    if not rows:
        print("No proof of that name noted any figures.")
        return 1
    _write(name, rows, reason)
    return 0


def _chosen(ways: dict[str, dict[str, str]], only: str) -> tuple[dict[str, dict[str, str]], str]:
    """`ON=embedded` or `ON=servers`: one way only, and the page says so."""
    wanted = {"embedded": backends.EMBEDDED_NAME, "servers": backends.SERVERS_NAME}[only]
    return {wanted: ways[wanted]}, f"all but {wanted}, this time"


def _run(name: str, environment: dict[str, str], *, is_last: bool) -> list[Figures] | None:
    """The figures that the proofs noted (fixture `figures`), or None when one failed."""
    with tempfile.TemporaryDirectory(prefix="shop-proof-") as data:
        notes = Path(data) / "figures.jsonl"
        proof = {"PROOF_FULL": "1", "PROOF_SEED": SEED, "PROOF_FIGURES": str(notes), "DATA_DIR": data}
        command = [sys.executable, "-m", "pytest", "-q", "tests/proofs", "-k", name]
        command += [] if is_last else ["-m", "not once"]
        code = subprocess.run(command, cwd=ROOT, env=os.environ | environment | proof, check=False).returncode
        lines = notes.read_text().splitlines() if notes.exists() else []
    return None if code not in {0, NOTHING_COLLECTED} else [json.loads(line) for line in lines]


def _write(name: str, rows: list[Figures], left_out: str) -> None:
    PROOFS.mkdir(parents=True, exist_ok=True)
    page = PROOFS / f"{name}.md"
    lines = [f"# Proof: {name}", "", f"- commit: {_commit()}", f"- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"]
    only = f" ON={os.environ['ON']}" if os.environ.get("ON") else ""
    lines += [f"- seed: {SEED}", f"- command: `make prove NAME={name}{only}`"]
    lines += [f"- left out: {left_out}"] if left_out else []
    lines += ["", "| on | proof | figures |", "|---|---|---|"]
    page.write_text("\n".join([*lines, *(_row(row) for row in rows), ""]))
    print(f"Written to {page.relative_to(ROOT)}")


def _row(row: Figures) -> str:
    figures = ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in row.items() if key not in {"on", "proof"})
    return f"| {row['on']} | {row['proof']} | {figures} |"


def _commit() -> str:
    commit = _git("rev-parse", "--short=12", "HEAD")
    return f"{commit} with uncommitted changes" if _git("status", "--porcelain", "--untracked-files=no") else commit


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
