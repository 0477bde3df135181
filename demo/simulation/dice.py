"""Chance that is the same each time: drawn from the seed and from what it is about, in whatever order it is asked."""

from __future__ import annotations

import hashlib
import random


def about(*what: object) -> random.Random:
    """Dice of their own for one question: the same names, the same throws."""
    text = ":".join(map(str, what))
    return random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - a story, not a secret
