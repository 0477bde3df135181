"""A session that only a password stands behind is nobody's, where its user has switched the second step on: also one
that was begun before that, in another browser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_otp.middleware import OTPMiddleware


class SecondStepMiddleware(OTPMiddleware):
    """Behind Django's AuthenticationMiddleware."""

    def _verify_user_sync(self, request: HttpRequest, user: Any) -> Any:
        return self._or_nobody(super()._verify_user_sync(request, user))

    async def _verify_user_async_via_auser(self, request: HttpRequest, auser: Any) -> Any:
        return self._or_nobody(await super()._verify_user_async_via_auser(request, auser))

    def _or_nobody(self, user: Any) -> Any:
        if not getattr(user, "has_second_step", False) or user.is_verified():
            return user
        nobody = AnonymousUser()
        self._init_user_fields(nobody)
        return nobody
