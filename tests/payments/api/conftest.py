"""Staff and shoppers in front of the order API."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from rest_framework.test import APIClient

from accounts.models import User
from demo import catalog
from orders.models import Order
from payments import services as payments
from tests.payments.builders import make_order

SECRET = "a secret of the other house, long enough"


def token_of(sub: str = "buyer-1", **claims: Any) -> str:
    return jwt.encode({"sub": sub, "aud": "authenticated", "exp": int(time.time()) + 600, **claims}, SECRET, "HS256")


def as_buyer(sub: str = "buyer-1") -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(sub)}")
    return client


@pytest.fixture(autouse=True)
def supabase(settings) -> None:
    settings.SUPABASE_JWT_SECRET = SECRET


@pytest.fixture
def unpaid(db) -> Order:
    catalog.load()
    return make_order()


@pytest.fixture
def paid(unpaid: Order) -> Order:
    return payments.pay_order(unpaid.pk, provider="stripe", instrument="tok_visa").order


@pytest.fixture
def staff(db) -> APIClient:
    client = APIClient()
    client.force_login(User.objects.create_superuser("merchant", password="a long pass phrase"))
    return client
