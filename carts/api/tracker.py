"""The tracker API's carts: those of other stores are told, read, marked and deleted; our own are read and marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from carts import tracked
from carts.api import tracker_docs as docs
from carts.api.tracker_inputs import ChangedCart, NewCart, NewCarts, told_cart
from carts.api.tracker_shapes import Json, cart_bodies, cart_body, page_body
from carts.models import Cart
from carts.queries import listed
from carts.states import CartStatus
from carts.tracked import ToldCart
from common.errors import DomainError, ErrorCode
from dialects.idempotent import HEADER, idempotent
from dialects.schema import responses
from dialects.tracker import (
    CART_ID,
    COMMON_ERRORS,
    NOT_FOUND_TOO,
    TRACKER,
    TrackerViewSet,
    cart_id_of,
    cart_number,
    one_of,
    success,
    whole_number,
)

DEFAULT_LIMIT, MAX_PAGE = 10, 10**9
STATUSES = tuple(str(status) for status in CartStatus)


class Carts(TrackerViewSet):
    @extend_schema(
        operation_id="tracker_list_carts",
        summary="List carts",
        tags=["tracker"],
        parameters=[
            OpenApiParameter("status", {"type": "string", "enum": STATUSES}, description="Only those."),
            OpenApiParameter("page", {"type": "integer", "default": 1, "minimum": 1, "maximum": MAX_PAGE}),
            OpenApiParameter(
                "limit",
                {"type": "integer", "default": DEFAULT_LIMIT, "minimum": 1, "maximum": docs.MAX_LIMIT},
                description="Carts in one page.",
            ),
        ],
        responses=responses(TRACKER, {200: docs.CartListAnswer}, {400: "Invalid query", **COMMON_ERRORS}),
        examples=docs.LIST_CARTS,
    )
    def list(self, request: Request) -> Response:
        """Carts of every door, newest first. Without a status: those that are or were abandoned."""
        page = whole_number(request, "page", minimum=1, maximum=MAX_PAGE) or 1
        limit = whole_number(request, "limit", minimum=1, maximum=docs.MAX_LIMIT) or DEFAULT_LIMIT
        found = listed(one_of(request, "status", STATUSES))
        total = found.count()
        carts = list(found[(page - 1) * limit :][:limit])
        return success(page_body(carts, page=page, limit=limit, total=total))

    @extend_schema(
        operation_id="tracker_create_cart",
        summary="Create cart",
        tags=["tracker"],
        request=NewCart,
        responses=responses(TRACKER, {201: docs.CartAnswer}, {**COMMON_ERRORS, 422: docs.INVALID}),
        examples=docs.CREATE_CART,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """A cart of another store. It is abandoned on arrival, unless its status is `active`."""
        (cart,) = _add([told_cart(request.data)])
        return success(cart_body(cart), 201)


class ManyCarts(TrackerViewSet):
    @extend_schema(
        operation_id="tracker_create_carts",
        summary="Create many carts",
        tags=["tracker"],
        request=NewCarts,
        responses=responses(TRACKER, {200: docs.BulkAnswer}, {**COMMON_ERRORS, 422: docs.INVALID}),
        examples=docs.CREATE_CARTS,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Up to 500 carts, each as for creating one: good ones are kept, and a bad one is refused by itself. The
        results are in the order of the carts."""
        body = NewCarts(data=request.data)
        body.is_valid(raise_exception=True)
        read = [self._read(one) for one in body.validated_data["carts"]]
        carts = iter(cart_bodies(_add([one for one in read if isinstance(one, ToldCart)])))
        results = [one if isinstance(one, dict) else {"success": True, "data": next(carts)} for one in read]
        failed = sum(isinstance(one, dict) for one in read)
        return success({"created": len(read) - failed, "failed": failed, "results": results})

    def _read(self, body: Any) -> ToldCart | Json:
        """A cart, or the answer that refuses it."""
        try:
            return told_cart(body)
        except (ValidationError, DomainError) as error:
            refusal: Json = self.handle_exception(error).data
            return refusal


class OneCart(TrackerViewSet):
    @extend_schema(
        operation_id="tracker_get_cart",
        summary="Get cart",
        tags=["tracker"],
        parameters=[CART_ID],
        responses=responses(TRACKER, {200: docs.CartAnswer}, NOT_FOUND_TOO),
        examples=docs.GET_CART,
    )
    def retrieve(self, request: Request, cart_id: str) -> Response:
        """One cart, of any door and in any state."""
        cart = Cart.objects.filter(pk=cart_number(cart_id)).first()
        if cart is None:
            raise DomainError(ErrorCode.CART_NOT_FOUND)
        return success(cart_body(cart))

    @extend_schema(
        operation_id="tracker_mark_cart",
        summary="Update cart",
        tags=["tracker"],
        parameters=[CART_ID],
        request=ChangedCart,
        responses=responses(TRACKER, {200: docs.CartAnswer}, {**NOT_FOUND_TOO, 422: docs.INVALID_MOVE}),
        examples=docs.MARK_CART,
    )
    @idempotent
    def partial_update(self, request: Request, cart_id: str) -> Response:
        """Says what has become of a cart: an abandoned one is recovered or expired, an expired one recovered. The
        status it has already changes nothing."""
        number = cart_number(cart_id)
        body = ChangedCart(data=request.data)
        body.is_valid(raise_exception=True)
        cart = tracked.mark(number, body.validated_data["status"], now=timezone.now())
        return success(cart_body(cart, is_kept=HEADER in request.headers))

    @extend_schema(
        operation_id="tracker_delete_cart",
        summary="Delete cart",
        tags=["tracker"],
        parameters=[CART_ID],
        responses=responses(TRACKER, {200: docs.DeletedAnswer}, {**NOT_FOUND_TOO, 409: docs.KEPT}),
        examples=docs.DELETE_CART,
    )
    @idempotent
    def destroy(self, request: Request, cart_id: str) -> Response:
        """Deletes another store's cart. One of this shop, and one that has had a payment link, is kept (409)."""
        number = cart_number(cart_id)
        tracked.remove(number)
        return success({"id": cart_id_of(number)})


def _add(told: Sequence[ToldCart]) -> list[Cart]:
    return tracked.add(told, currency=settings.SHOP_CURRENCY, now=timezone.now())
