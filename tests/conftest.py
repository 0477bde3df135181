"""What every test may use. Keep it generic: fixtures of one behaviour live beside its tests."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Hypothesis would otherwise keep its examples in the folder of the sources.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".venv" / ".cache" / "hypothesis"))
