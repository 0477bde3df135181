"""The purchase API: an agent posts an address and what it wants, and asks later how it went.

Error body: {"error": "<sentence>"}. An amount is a text of major units ("49.99"). The agent is known by its API key
alone, as a bearer token; no cookie is read or set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.models import ApiKey, Scope
from dialects.base import Dialect, DialectViewSet
from dialects.guest import GUEST
from dialects.guest_sentences import SENTENCES

UNAUTHORIZED = "Missing or invalid API key"


@extend_schema_field({"type": "string", "example": "Checkout not found"})
class Message(serializers.CharField):
    pass


class PurchaseError(serializers.Serializer[Any]):
    """Every refusal of the purchase API."""

    error = Message()


def error_body(status: int, message: str) -> dict[str, Any]:  # noqa: ARG001 - other dialects need the status
    return {"error": message}


PURCHASE = Dialect(
    name="purchase",
    error_status=GUEST.error_status,
    error_message=SENTENCES,
    body=error_body,
    error_schema=PurchaseError,
)


@dataclass(frozen=True)
class Agent:
    """A program that showed a good key. Stands where a request has its user."""

    key: ApiKey
    is_authenticated = True
    is_active = True
    is_staff = False


class AgentKey(BaseAuthentication):
    """`Authorization: Bearer <API key>`, made in the admin for this API."""

    def authenticate(self, request: Request) -> tuple[Agent, None]:
        """Raises AuthenticationFailed: nothing here is for anybody without a key."""
        kind, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        key = keys.find(secret.strip(), scope=Scope.PURCHASE) if kind.lower() == "bearer" else None
        if key is None:
            raise AuthenticationFailed(UNAUTHORIZED)
        return Agent(key), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AgentKeyScheme(OpenApiAuthenticationExtension):
    target_class = AgentKey
    name = "agentKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key made in the admin for the purchase API."}


class PurchaseViewSet(DialectViewSet):
    """A resource of the purchase API; `request.user` is the Agent."""

    dialect = PURCHASE
    authentication_classes: Any = (AgentKey,)

    def key_of(self, request: Request) -> ApiKey:
        agent: Any = request.user
        return agent.key

    def idempotency_caller(self, request: Request) -> str:
        return f"key:{self.key_of(request).pk}"

    def idempotency_caller_after(self, response: HttpResponseBase) -> None:
        return None


class UnknownPath(DialectViewSet):
    """Whatever is below the purchase API's paths and is none of them."""

    dialect = PURCHASE
    schema = None

    def not_there(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("Not found")

    @classmethod
    def answer(cls) -> Any:
        """Its view, whatever the method."""
        return cls.as_view(dict.fromkeys(("get", "post", "put", "patch", "delete", "options", "trace"), "not_there"))
