"""Who may use an API's admin side: staff, by an access token (audience "admin") or by the session of /admin/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

NOT_VALID = "The token is not valid or has expired."
SECOND_STEP = "second_step"  # a token's claim: its owner passed it


class StaffToken(JWTAuthentication):
    """`Authorization: Bearer <access token>`. Another API's token is refused: its audience or key differs."""

    def authenticate(self, request: Request) -> Any:
        """Raises AuthenticationFailed for a header that is there and is not a good token."""
        if self.get_header(request) is None:
            return None
        try:
            found = super().authenticate(request)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(NOT_VALID) from error
        if found is None:
            raise AuthenticationFailed("Authorization must be: Bearer <access token>.")
        return found

    def get_user(self, validated_token: Any) -> Any:
        """Raises AuthenticationFailed also for a token of before its owner's second step was switched on."""
        user = super().get_user(validated_token)
        if getattr(user, "has_second_step", False) and not validated_token.get(SECOND_STEP):
            raise AuthenticationFailed(NOT_VALID)
        return user


class StaffSession(SessionAuthentication):
    """The cookie of a signed-in browser. Unsafe methods need the CSRF token, as DRF demands."""

    def authenticate(self, request: Request) -> Any:
        if "\x00" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            return None  # PostgreSQL cannot even be asked for it
        return super().authenticate(request)


class RoleAllows(IsAdminUser):
    """Staff whose role has the permission that the view needs for this action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        needed = view.needs.get(getattr(view, "action", None))
        return super().has_permission(request, view) and (needed is None or request.user.has_perm(needed))


class StaffOnly:
    """Mix in before a dialect's view: 401 without credentials, 403 for one who is not staff, or lacks the permission.

    `needs`: {action: "orders.view_order"}.
    """

    authentication_classes: Any = (StaffToken, StaffSession)
    permission_classes: Any = (RoleAllows,)
    needs: ClassVar[Mapping[str, str]] = {}


class StaffTokenScheme(OpenApiAuthenticationExtension):
    target_class = StaffToken
    name = "staffToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From POST /api/auth/token."}


class StaffSessionScheme(OpenApiAuthenticationExtension):
    target_class = StaffSession
    name = "staffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
