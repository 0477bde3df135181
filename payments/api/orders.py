"""The order API: one order for its buyer and for staff; the staff's list and refunds."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import DomainError, ErrorCode
from common.money import to_minor
from dialects.guest import GUEST, GuestViewSet
from dialects.idempotent import idempotent
from dialects.parameters import whole_number
from dialects.schema import responses
from dialects.staff import StaffOnly
from dialects.supabase import Buyer, BuyerOrUser
from orders.models import Order
from payments import refunds
from payments.api import order_docs as docs
from payments.api.order_shapes import STATUS_WORDS, order_body, order_row, refund_body
from payments.models import Refund
from payments.queries import found_orders, order_of, payments_of, with_newest_payment
from payments.states import RefundStatus

DEFAULT_LIMIT, MAX_OFFSET = 20, 2**31 - 1
ORDER_ID = OpenApiParameter(
    "order_id",
    {"type": "string", "pattern": "^([0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"},
    OpenApiParameter.PATH,
    description="The order's number-like id or its UUID.",
)
_REFUSED = {401: "Not authenticated", 403: "Not authorized: not staff, or a session without its CSRF token"}
_NOT_FOUND = {404: "Order not found"}


def _found(order_id: int | UUID) -> Order:
    order = order_of(order_id)
    if order is None:
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    return order


class OneOrder(BuyerOrUser, GuestViewSet):
    @extend_schema(
        operation_id="get_order",
        summary="Get order by id",
        tags=["orders"],
        parameters=[ORDER_ID],
        responses=responses(
            GUEST, {200: docs.WholeOrder}, {401: _REFUSED[401], 403: "Neither its buyer nor staff", **_NOT_FOUND}
        ),
        examples=docs.READ_ORDER,
    )
    def retrieve(self, request: Request, order_id: int | UUID) -> Response:
        """One order: for the buyer whose token placed it, and for staff. Somebody else's is not found."""
        user: Any = request.user
        if not isinstance(user, Buyer) and not (user.is_staff and user.has_perm("orders.view_order")):
            raise PermissionDenied
        order = _found(order_id)
        if isinstance(user, Buyer) and order.buyer != user.key:
            raise DomainError(ErrorCode.ORDER_NOT_FOUND)
        return Response(order_body(order, payments_of(order)))


class AdminOrders(StaffOnly, GuestViewSet):
    needs: ClassVar[Mapping[str, str]] = {"list": "orders.view_order", "refund": "orders.refund_order"}

    @extend_schema(
        operation_id="admin_list_orders",
        summary="List all orders",
        tags=["orders"],
        parameters=[
            OpenApiParameter(
                "offset",
                {"type": "integer", "default": 0, "minimum": 0, "maximum": MAX_OFFSET},
                description="Pass over.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "default": DEFAULT_LIMIT, "minimum": 1, "maximum": docs.MAX_LIMIT},
                description="How many at most.",
            ),
            OpenApiParameter("status", OpenApiTypes.STR, enum=STATUS_WORDS, description="Only those."),
            OpenApiParameter("search", OpenApiTypes.STR, description="Order number or e-mail address, in full."),
        ],
        responses=responses(GUEST, {200: docs.OrderListBody}, {400: "Invalid query", **_REFUSED}),
        examples=docs.LIST_ORDERS,
    )
    def list(self, request: Request) -> Response:
        """All orders, newest first."""
        offset = whole_number(request, "offset", minimum=0, maximum=MAX_OFFSET) or 0
        limit = whole_number(request, "limit", minimum=1, maximum=docs.MAX_LIMIT) or DEFAULT_LIMIT
        found = found_orders(status=_status(request), search=_search(request))
        page = with_newest_payment(found).order_by("-id")[offset:][:limit]
        items = [order_row(order, order.newest_payment_status) for order in page]
        return Response({"items": items, "total": found.count(), "offset": offset, "limit": limit})

    @extend_schema(
        operation_id="admin_refund_order",
        summary="Refund order",
        tags=["orders"],
        request=docs.AskRefund,
        parameters=[ORDER_ID],
        responses=responses(
            GUEST,
            {201: docs.RefundBody},
            {
                400: "Invalid request body",
                **_REFUSED,
                **_NOT_FOUND,
                409: "Busy, or a request with this Idempotency-Key is still being worked on",
                422: "More than is left; or the gateway would not; or this Idempotency-Key was used with another body",
            },
        ),
        examples=docs.REFUND_ORDER,
    )
    @idempotent(claim_first=True)
    def refund(self, request: Request, order_id: int | UUID) -> Response:
        """Pay back a part of an order or all that is left, from its newest payments first. `processing`: the gateway
        gave no clear answer yet; it is asked until it does, do not refund again."""
        order = _found(order_id)
        body = docs.AskRefund(data=request.data)
        body.is_valid(raise_exception=True)
        done = refunds.refund_order(
            order.pk,
            amount=_minor(body.validated_data.get("amount"), order.currency),
            reason=body.validated_data["reason"],
            request_key=_request_key(request),
            created_by=request.user.get_username(),
        )
        _raise_if_refused(done)
        order = _found(order_id)
        return Response(refund_body(order, order.newest_payment_status, done), status=201)  # type: ignore[attr-defined]

    def idempotency_caller(self, request: Request) -> str:
        return f"user:{request.user.pk}"


def _status(request: Request) -> str:
    word = request.query_params.get("status")
    if word is not None and word not in STATUS_WORDS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="status", reason=f"must be one of {', '.join(STATUS_WORDS)}")
    return word or ""


def _search(request: Request) -> str:
    term = request.query_params.get("search", "").strip()
    if "\x00" in term or len(term) > 254:
        raise DomainError(ErrorCode.INVALID_VALUE, field="search", reason="must be a number or an e-mail address")
    return term


def _minor(amount: Decimal | None, currency: str) -> int | None:
    try:
        return None if amount is None else to_minor(amount, currency)
    except ValueError as error:
        reason = f"has more decimals than {currency} has"
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", reason=reason) from error


def _request_key(request: Request) -> str:
    """Recognises the repeat of a request that paid back and died before its answer was kept."""
    key = request.headers.get("Idempotency-Key", "")
    return hashlib.sha256(f"{request.user.pk}:{key}".encode()).hexdigest() if key else f"request:{uuid.uuid4().hex}"


def _raise_if_refused(done: list[Refund]) -> None:
    if all(refund.status == RefundStatus.REFUSED for refund in done):
        raise DomainError(ErrorCode.REFUND_REFUSED, reason=done[0].message)
