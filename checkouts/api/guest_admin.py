"""The admin side of the guest checkout API: staff, by access token or by the session of /admin/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from checkouts import services
from checkouts.api import guest_examples as examples
from checkouts.api.guest_docs import MAX_LIMIT, CheckoutBody, CheckoutListBody
from checkouts.api.guest_shapes import checkout_body, checkout_summary
from checkouts.models import Checkout
from checkouts.queries import summaries
from checkouts.states import LIVE, CheckoutStatus
from common.errors import DomainError, ErrorCode
from dialects.guest import GUEST, GuestViewSet
from dialects.idempotent import idempotent
from dialects.parameters import ID_IN_PATH, whole_number
from dialects.schema import responses
from dialects.staff import StaffOnly

DEFAULT_LIMIT, MAX_OFFSET = 20, 2**31 - 1
_STATUS_WORDS = ("active", "completed", "expired")


class CheckoutFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=[(word, word) for word in _STATUS_WORDS], method="with_status")

    class Meta:
        model = Checkout
        fields: list[str] = []

    def with_status(self, checkouts: QuerySet[Checkout], name: str, word: str) -> QuerySet[Checkout]:  # noqa: ARG002
        """A checkout that is being paid is active to this API's clients."""
        return checkouts.filter(status__in=LIVE if word == CheckoutStatus.ACTIVE else [word])


def _number_schema(default: int, minimum: int, maximum: int) -> dict[str, object]:
    return {"type": "integer", "default": default, "minimum": minimum, "maximum": maximum}


CHECKOUT_ID = OpenApiParameter("checkout_id", ID_IN_PATH, OpenApiParameter.PATH, description="The checkout's id.")
_REFUSED = {401: "Not authenticated", 403: "Not authorized: not staff, or a session without its CSRF token"}
_NOT_FOUND = {404: "Checkout not found"}


class AdminCheckouts(StaffOnly, GuestViewSet):
    queryset = Checkout.objects.all()
    needs: ClassVar[Mapping[str, str]] = {
        "list": "checkouts.view_checkout",
        "retrieve": "checkouts.view_checkout",
        "destroy": "checkouts.delete_checkout",
    }

    @extend_schema(
        operation_id="guest_admin_list_checkouts",
        summary="List all checkouts",
        tags=["guest admin"],
        parameters=[
            OpenApiParameter("offset", _number_schema(0, 0, MAX_OFFSET), description="How many to pass over."),
            OpenApiParameter("limit", _number_schema(DEFAULT_LIMIT, 1, MAX_LIMIT), description="How many at most."),
            OpenApiParameter("status", OpenApiTypes.STR, enum=_STATUS_WORDS, description="Only those."),
        ],
        responses=responses(GUEST, {200: CheckoutListBody}, {400: "Invalid query", **_REFUSED}),
        examples=examples.LIST_CHECKOUTS,
    )
    def list(self, request: Request) -> Response:
        """All checkouts, newest first."""
        offset = whole_number(request, "offset", minimum=0, maximum=MAX_OFFSET) or 0
        limit = whole_number(request, "limit", minimum=1, maximum=MAX_LIMIT) or DEFAULT_LIMIT
        found = CheckoutFilter(request.query_params, queryset=self.get_queryset())
        if not found.is_valid() or request.query_params.get("status") == "":
            raise DomainError(ErrorCode.INVALID_VALUE, field="status", reason="must be active, completed or expired")
        views = summaries(found.qs.order_by("-id"), offset=offset, limit=limit)
        items = [checkout_summary(view) for view in views]
        return Response({"items": items, "total": found.qs.count(), "offset": offset, "limit": limit})

    @extend_schema(
        operation_id="guest_admin_get_checkout",
        summary="Get checkout by id",
        tags=["guest admin"],
        parameters=[CHECKOUT_ID],
        responses=responses(GUEST, {200: CheckoutBody}, _REFUSED | _NOT_FOUND),
        examples=examples.READ_CHECKOUT,
    )
    def retrieve(self, request: Request, checkout_id: int) -> Response:  # noqa: ARG002
        """One checkout, whole."""
        return Response(checkout_body(services.read(checkout_id)))

    @extend_schema(
        operation_id="guest_admin_delete_checkout",
        summary="Delete checkout",
        tags=["guest admin"],
        request=None,
        parameters=[CHECKOUT_ID],
        responses=responses(
            GUEST, {204: None}, _REFUSED | _NOT_FOUND | {409: "The checkout is being paid, or the shop is busy"}
        ),
    )
    @idempotent
    def destroy(self, request: Request, checkout_id: int) -> Response:  # noqa: ARG002
        """Delete a checkout session. Its order, if it came to one, stays."""
        services.delete(checkout_id)
        return Response(status=204)

    def idempotency_caller(self, request: Request) -> str:
        return f"user:{request.user.pk}"
