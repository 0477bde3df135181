"""Who calls the tracker API, and how often: a key in `x-api-key`, a limit for each client address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts import keys
from accounts.models import Scope
from common import rates
from common.client import address_of, home_of

HEADER = "x-api-key"
UNAUTHORIZED = "Missing or invalid API key"


@dataclass(frozen=True)
class Caller:
    """A program that showed a good key. Stands where a request has its user."""

    key_id: int | None  # None: the key of the environment
    name: str
    is_authenticated = True
    is_active = True
    is_staff = False

    @property
    def text(self) -> str:
        return f"key:{self.key_id or 'environment'}"


class TrackerKey(BaseAuthentication):
    """`x-api-key`: API_KEY of the environment, or a key made in the admin for this API."""

    def authenticate(self, request: Request) -> tuple[Caller, None]:
        """Raises AuthenticationFailed: nothing here is for anybody without a key."""
        given = request.META.get("HTTP_X_API_KEY", "")
        caller = _caller(given) if given else None
        if caller is None:
            raise AuthenticationFailed(UNAUTHORIZED)
        return caller, None

    def authenticate_header(self, request: Request) -> str:
        return f'ApiKey header="{HEADER}"'


def _caller(given: str) -> Caller | None:
    if settings.API_KEY and keys.is_same(given, settings.API_KEY):
        return Caller(None, "API_KEY")
    key = keys.find(given, scope=Scope.TRACKER)
    return Caller(key.pk, key.name) if key else None


class TrackerKeyScheme(OpenApiAuthenticationExtension):
    target_class = TrackerKey
    name = "trackerKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": HEADER}


def check_limit(request: Request) -> None:
    """Before the key is looked at, so that guessing keys counts. Raises Throttled."""
    wait = rates.admit("tracker", home_of(address_of(request._request)), settings.API_RATE_LIMIT)
    if wait:
        raise Throttled(wait=wait, detail="Too many requests from this address.")
