import pytest
from rest_framework.test import APIClient


@pytest.fixture
def api() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def post(api):
    """POST a raw body as JSON."""

    def send(path: str, body: bytes | str, **extra):
        extra.setdefault("content_type", "application/json")
        return api.generic("POST", path, body, **extra)

    return send
