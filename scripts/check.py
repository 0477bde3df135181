"""`make check`: everything a program can judge without running the tests. All are run, all failures are named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CACHE = ROOT / ".venv" / ".cache"
MANAGE = [str(BIN / "python"), "manage.py"]

CHECKS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "--quiet"],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "--quiet"],
    "mypy": [str(BIN / "mypy"), "--no-error-summary", "."],
    "import contracts": [str(BIN / "lint-imports"), "--cache-dir", str(CACHE / "import_linter")],
    "migrations match the models": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "translations": [str(BIN / "python"), "scripts/translations.py", "check"],
    "OpenAPI schema": [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
}
PRODUCTION = {
    "DEMO": "0",
    "SECRET_KEY": "only-for-this-check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "shop.example",
    "BASE_URL": "https://shop.example",
}
DEPLOY = [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="shop-check-") as data:
        demo = os.environ | {"DEMO": "1", "DATA_DIR": data, "DATABASE_URL": "", "REDIS_URL": ""}
        failed = [name for name, command in CHECKS.items() if not _passes(name, command, demo)]
        if not _passes("production settings", DEPLOY, demo | PRODUCTION):
            failed.append("production settings")
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(f"{'ok    ' if answer.returncode == 0 else 'FAILED'} {name}", flush=True)
    if answer.returncode != 0:
        print(answer.stdout + answer.stderr, flush=True)
    return answer.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
