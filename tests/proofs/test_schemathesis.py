"""Schemathesis, with all its checks, finds no 5xx and nothing that the served OpenAPI document does not say."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.openapi import fuzz
from tests.openapi.signed import webhooks_are_open

pytestmark = pytest.mark.once

SEED = int(os.environ.get("PROOF_SEED", "20260101"))
# One shop serves all examples of an operation: what an example changed is rolled back.
unhurried = hypothesis_settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def shopper(
    db: None, request: pytest.FixtureRequest, figures: Callable[..., None], settings: Any
) -> Iterator[fuzz.Shopper]:
    settings.SUPABASE_JWT_SECRET = "the secret that buyers' tokens are signed with"
    webhooks_are_open(settings)
    manner, operation = request.node.originalname.partition("_examples_of_")[0::2]
    with fuzz.shopper(operation) as someone:
        yield someone
    answers = {f"answers_{status}": count for status, count in sorted(someone.answers.items())}
    figures(requests=someone.answers.total(), **answers)
    if manner.endswith("positive"):
        assert someone.accepted, "nothing was ever accepted: nothing was proved"


# Any country will do there, also one that is none: there is nothing wrong to be sent.
TAKES_ANYTHING = ("discover_shop", "negative")


def _tests(examples: int) -> dict[str, Any]:
    """A test for each operation and manner, under a name of its own: xdist runs what has one name once."""
    found = {}
    for operation, manner in itertools.product(fuzz.operation_ids(), ("positive", "negative")):
        if (operation, manner) == TAKES_ANYTHING:
            continue

        @unhurried
        def test(case: Any, shopper: fuzz.Shopper) -> None:
            shopper.send(case)

        name = f"test_schemathesis_finds_no_fault_with_{examples}_{manner}_examples_of_{operation}"
        test.__name__ = name
        found[name] = fuzz.served(operation, manner, examples=examples, seed=SEED).parametrize()(test)
    return found


globals().update(_tests(25))
if os.environ.get("PROOF_FULL") == "1":  # to make them takes seconds of every run
    globals().update({name: pytest.mark.long(test) for name, test in _tests(100).items()})
