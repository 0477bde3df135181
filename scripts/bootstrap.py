"""Makes `.venv` with the locked requirements. Standard library only; a second run is instant.

    python3 scripts/bootstrap.py [requirements.txt]

Instances may start at once: one installs, the others wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = VENV / ".cache"


def install(requirements: Path) -> None:
    """Raises subprocess.CalledProcessError when pip fails; the stamp is written last."""
    stamp = CACHE / f"installed-{requirements.stem}"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and _python().exists():
        return
    if not _works():
        print(f"Making {VENV.name} ...", flush=True)
        venv.EnvBuilder(with_pip=True, clear=(VENV / "pyvenv.cfg").exists(), symlinks=True).create(VENV)
    print(f"Installing {requirements.name} ...", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    environment = {"PIP_CACHE_DIR": str(CACHE / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | os.environ
    pip = [str(_python()), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(requirements)]
    subprocess.run(pip, check=True, env=environment)
    stamp.write_text(wanted)


def _python() -> Path:
    return VENV / "bin" / "python"


def _works() -> bool:
    """Whether the environment is there, whole, and of this Python's version."""
    version = "import sys, pip; print(sys.version)"
    if not _python().exists():
        return False
    answer = subprocess.run([str(_python()), "-c", version], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is run by whatever python3 is)
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.11 ...")
        return 1
    requirements = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            install(requirements)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"The environment could not be made: {error}")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
