"""The document as it is served, and the demo shop it speaks of."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from demo import catalog
from tests.openapi.signed import webhooks_are_open


@pytest.fixture
def shop(db: None, settings: Any) -> None:
    settings.SUPABASE_JWT_SECRET = "a secret of the other house, long enough"
    webhooks_are_open(settings)
    catalog.load()


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """GET /api/schema."""
    return Client().get("/api/schema").json()
