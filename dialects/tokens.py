"""Signing in over the API: a name and a password for an access and a refresh token (audience "admin").

Errors are in the guest dialect, whose admin side the tokens open. Only failed sign-ins are counted (django-axes): ten
for one name from one address, then 429 for a quarter of an hour.
"""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from accounts import second_step
from accounts.models import User
from dialects.fields import StrictSerializer, StrictText
from dialects.guest import GUEST, GuestView
from dialects.schema import responses
from dialects.staff import NOT_VALID, SECOND_STEP, StaffToken


class Credentials(StrictSerializer):
    """Those of /admin/."""

    username = StrictText(max_length=150)
    password = StrictText(max_length=1024, trim_whitespace=False, never_kept=True)
    code = StrictText(
        max_length=40, required=False, never_kept=True, help_text="Of those who have switched on the second step."
    )


class TokenPair(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Good for 15 minutes: Authorization: Bearer <access>.")
    refresh = serializers.CharField(help_text="Good for 7 days, at /api/auth/token/refresh only.")


class Refresh(StrictSerializer):
    """A refresh token."""

    refresh = StrictText(max_length=4096, never_kept=True)


class AccessToken(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Good for 15 minutes.")


_SIGN_IN = [
    OpenApiExample("Staff", {"username": "merchant", "password": "correct horse battery"}, request_only=True),
    OpenApiExample("Two tokens", {"access": "eyJhbGciOi...", "refresh": "eyJhbGciOi..."}, response_only=True),
]
_REFRESH = [
    OpenApiExample("A refresh token", {"refresh": "eyJhbGciOi..."}, request_only=True),
    OpenApiExample("A fresh access token", {"access": "eyJhbGciOi..."}, response_only=True),
]


class TokenView(GuestView):
    @extend_schema(
        operation_id="sign_in",
        summary="Sign in",
        tags=["sign-in"],
        auth=[],
        request=Credentials,
        responses=responses(
            GUEST, {200: TokenPair}, {401: "Wrong username or password", 429: "Too many failed sign-ins"}
        ),
        examples=_SIGN_IN,
    )
    def post(self, request: Request) -> Response:
        """A name and a password for an access and a refresh token. The admin APIs answer 403 to one who is not staff.
        Who has switched on the second step sends its `code`, too: the app's, or a recovery code; each is good once.
        Ten failures for one name from one address: 429 for a quarter of an hour."""
        credentials = Credentials(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = _signed_in(request._request, credentials.validated_data)
        refresh = RefreshToken.for_user(user)
        refresh[SECOND_STEP] = user.has_second_step  # the access token takes it over
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class RefreshView(GuestView):
    @extend_schema(
        operation_id="refresh_access_token",
        summary="Refresh the access token",
        tags=["sign-in"],
        auth=[],
        request=Refresh,
        responses=responses(GUEST, {200: AccessToken}, {401: "The refresh token is not valid or has expired"}),
        examples=_REFRESH,
    )
    def post(self, request: Request) -> Response:
        """Another access token for a refresh token, as long as the user is active and the password the same."""
        body = Refresh(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            refresh = RefreshToken(body.validated_data["refresh"])
            StaffToken().get_user(refresh)  # the user is still active and the password still the same
        except (TokenError, AuthenticationFailed) as error:
            raise AuthenticationFailed(NOT_VALID) from error
        return Response({"access": str(refresh.access_token)})


def _signed_in(request: HttpRequest, credentials: dict[str, str]) -> User:
    """Raises AuthenticationFailed, or Throttled before a password is even looked at."""
    if not AxesProxyHandler.is_allowed(request, {"username": credentials["username"]}):
        raise Throttled(wait=settings.AXES_COOLOFF_TIME.total_seconds(), detail=_LOCKED_OUT)
    code = credentials.pop("code", "")
    user = authenticate(request, **credentials)
    # The failure that reaches the limit is still answered as the failure it is.
    request.axes_locked_out = False  # type: ignore[attr-defined]
    if not isinstance(user, User):
        raise AuthenticationFailed("Wrong username or password.")
    _judge_code(request, user, code)
    user_logged_in.send(sender=User, request=request, user=user)  # ends the counting of failures
    return user


def _judge_code(request: HttpRequest, user: User, code: str) -> None:
    """Raises AuthenticationFailed where the second step is on and this does not pass it."""
    if not user.has_second_step:
        return
    if not code:
        raise AuthenticationFailed("This account has a second step: send its code, too.")
    if not second_step.passes(user, code):
        user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)
        request.axes_locked_out = False  # type: ignore[attr-defined]
        raise AuthenticationFailed("Wrong code.")


_LOCKED_OUT = "Too many failed sign-ins. Please try again in 15 minutes."


def locked_out(*_: Any, **__: Any) -> HttpResponse:
    """What the sign-in page of /admin/ shows to one who is locked out (the API has said so already)."""
    return HttpResponse(
        _LOCKED_OUT,
        status=settings.AXES_HTTP_RESPONSE_CODE,
        content_type="text/plain",
        headers={"Retry-After": str(int(settings.AXES_COOLOFF_TIME.total_seconds()))},
    )
