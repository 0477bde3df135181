"""Buyers who sign in elsewhere: a Supabase access token, really verified.

HS256 with SUPABASE_JWT_SECRET, RS256 and ES256 with the keys at SUPABASE_JWKS_URL: which one is for the token's
algorithm to say, and a key serves no other one. Nothing configured: no token is good.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import Any, NoReturn

import jwt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from dialects.staff import StaffSession, StaffToken

AUDIENCE = "authenticated"
BY_SECRET, BY_KEY_SET = ("HS256",), ("RS256", "ES256")
KEY_SET_TIMEOUT = 3.0  # seconds
KEY_SET_LIFE = 300.0
REST_AFTER_FAILURE = 10.0  # nobody waits for an address that has just failed
UNAUTHORIZED = "Unauthorized"
_MAX_TOKEN, _MAX_SUB, _MAX_EMAIL = 8192, 255, 254
_is_email = EmailValidator()


class KeysUnavailable(Exception):
    """The address of the key set does not answer: nobody can say whether the token is good."""


@dataclass(frozen=True)
class Buyer:
    """Who buys, by somebody else's books. Stands where a request has its user."""

    sub: str
    email: str = ""
    is_authenticated = True
    is_active = True
    is_staff = False

    @property
    def key(self) -> str:
        """As orders know them."""
        return f"supabase:{self.sub}"


def buyer_of(token: str) -> Buyer:
    """Raises jwt.InvalidTokenError for a token that is not good, KeysUnavailable where that cannot be told."""
    if len(token) > _MAX_TOKEN:
        raise jwt.InvalidTokenError("The token is too long.")
    algorithm = jwt.get_unverified_header(token).get("alg")
    if algorithm in BY_SECRET and settings.SUPABASE_JWT_SECRET:
        return _buyer(_claims(token, settings.SUPABASE_JWT_SECRET, BY_SECRET))
    if algorithm in BY_KEY_SET and settings.SUPABASE_JWKS_URL:
        return _buyer(_claims(token, key_set(settings.SUPABASE_JWKS_URL).key_of(token), BY_KEY_SET))
    raise jwt.InvalidAlgorithmError("No key for this algorithm.")


def _claims(token: str, key: Any, algorithms: tuple[str, ...]) -> dict[str, Any]:
    required = {"require": ["exp", "aud", "sub"]}
    return jwt.decode(token, key, algorithms=list(algorithms), audience=AUDIENCE, options=required)  # type: ignore[arg-type]


def _buyer(claims: dict[str, Any]) -> Buyer:
    sub = claims["sub"]
    if not isinstance(sub, str) or not 0 < len(sub) <= _MAX_SUB or not sub.isprintable():
        raise jwt.InvalidTokenError("The subject is no name.")
    return Buyer(sub, _email(claims.get("email")))


def _email(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_EMAIL:
        return ""
    try:
        _is_email(value)
    except ValidationError:
        return ""
    return value


class KeySet:
    """The keys at an address: fetched once in KEY_SET_LIFE, and for an unknown key id at most twice a minute."""

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, timeout=KEY_SET_TIMEOUT, lifespan=KEY_SET_LIFE, cooldown_duration=30)
        self._failed_at = -REST_AFTER_FAILURE

    def key_of(self, token: str) -> jwt.PyJWK:
        if time.monotonic() - self._failed_at < REST_AFTER_FAILURE:
            raise KeysUnavailable
        try:
            return self._client.get_signing_key_from_jwt(token)
        except jwt.InvalidTokenError:
            raise
        except (jwt.exceptions.PyJWKClientConnectionError, jwt.exceptions.PyJWKSetError, ValueError, OSError) as error:
            self._failed_at = time.monotonic()
            raise KeysUnavailable from error
        except jwt.exceptions.PyJWKClientError as error:
            raise jwt.InvalidTokenError("The token names no key of ours.") from error


@functools.cache
def key_set(url: str) -> KeySet:
    return KeySet(url)


class SupabaseToken(BaseAuthentication):
    """`Authorization: Bearer <Supabase access token>`. What is no good token of a buyer is the next one's to judge."""

    def authenticate(self, request: Request) -> tuple[Buyer, str] | None:
        kind, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            return None
        try:
            return buyer_of(token), token
        except (jwt.PyJWTError, ValueError):
            return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BuyerOnly:
    """Mix in before a dialect's view: 401 without a buyer's token. `request.user` is the Buyer."""

    authentication_classes: Any = (SupabaseToken,)
    permission_classes: Any = (IsAuthenticated,)

    def permission_denied(self, request: Request, message: Any = None, code: Any = None) -> NoReturn:
        raise AuthenticationFailed(UNAUTHORIZED)


class BuyerOrUser:
    """Mix in before a dialect's view: a buyer's token, or what opens the staff's side; who may is the view's to say."""

    authentication_classes: Any = (SupabaseToken, StaffToken, StaffSession)
    permission_classes: Any = (IsAuthenticated,)


class SupabaseTokenScheme(OpenApiAuthenticationExtension):
    target_class = SupabaseToken
    name = "supabaseToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Supabase access token."}
