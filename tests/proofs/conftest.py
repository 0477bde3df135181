from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`figures(mails=400, ...)` notes what a proof measured; `make prove` writes it down."""

    def note(**values: object) -> None:
        if path := os.environ.get("PROOF_FIGURES"):
            with Path(path).open("a") as file:
                file.write(json.dumps({"proof": request.node.name, **values}) + "\n")

    return note


@pytest.fixture
def full_size() -> bool:
    return os.environ.get("PROOF_FULL") == "1"
