"""The cart2table API: /api/cart, /api/order, /api/payment."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carts import coded
from carts.models import Cart
from carts.queries import basket
from catalog.models import Product
from common.errors import DomainError, ErrorCode
from dialects.cart2table import CART2TABLE, TAKEN, Cart2TableViewSet, Invalid, is_json, read
from dialects.idempotent import idempotent
from dialects.schema import responses
from orders import parts
from orders.models import Order
from orders.states import OrderStatus
from payments import captures
from payments.api import cart2table_docs as docs
from payments.api.cart2table_shapes import cart_body, order_body, status_word, total_paid
from payments.cart_orders import order_cart

_NO_CART = {404: "Cart not found"}


class Carts(Cart2TableViewSet):
    """For trying out: carts come filled."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.DEMO:
            raise Http404
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="cart2table_create_cart",
        summary="Create a random cart",
        tags=["cart2table"],
        request=None,
        responses=responses(CART2TABLE, {201: docs.CartCreated}, {404: "Not a demo shop, or nothing to draw from"}),
        examples=docs.CREATE_CART,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """A cart with 2 to 5 products of the shop, 1 to 5 pieces of each. In the demo only; a body is not needed."""
        if is_json(request):
            _ = request.data  # broken JSON is refused here as everywhere; another form's body is not read
        currency = settings.SHOP_CURRENCY
        cart = coded.start(coded.random_demand(currency=currency), currency=currency)
        return Response({"message": "Random cart created successfully", "cart_id": coded.shown(cart)}, status=201)


class OneCart(Cart2TableViewSet):
    @extend_schema(
        operation_id="cart2table_get_cart",
        summary="Get cart",
        tags=["cart2table"],
        parameters=[docs.CART_ID],
        responses=responses(CART2TABLE, {200: docs.CartBody}, _NO_CART),
        examples=docs.READ_CART,
    )
    def retrieve(self, request: Request, cart_id: str) -> Response:
        """The cart, its items with their products, and its order with the payments made for it."""
        cart = coded.find(cart_id)
        lines = basket(cart.pk, cart.currency)
        products = Product.objects.filter(pk__in={line.offer.product_id for line in lines})
        return Response(cart_body(cart, lines, dict(products.values_list("pk", "public_id")), _order_of(cart)))


def _order_of(cart: Cart) -> dict[str, Any] | None:
    order = parts.of_cart(cart.pk).exclude(status=OrderStatus.CANCELED).first()
    return order_body(order, cart, list(order.payments.order_by("id"))) if order else None


class Orders(Cart2TableViewSet):
    @extend_schema(
        operation_id="cart2table_create_order",
        summary="Create order",
        tags=["cart2table"],
        request=docs.NewOrder,
        responses=responses(
            CART2TABLE,
            {201: docs.OrderCreated},
            {
                **_NO_CART,
                422: "Something is missing or cannot be; or this Idempotency-Key was used with another body",
            },
        ),
        examples=docs.CREATE_ORDER,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """An order for the cart at the catalog's prices; no stock is held. It takes the place of the order the cart
        has, unless that is the same one. What was paid for an order that is replaced goes back; one that was paid in
        full stands, and this is another purchase."""
        given, problems = read(docs.NewOrder(), request.data)
        cart = coded.find(given["cart_id"]) if "cart_id" in given else None
        if cart is None or problems:
            raise Invalid(_in_order(problems, "cart_id", "paypal_order_id"))
        order_cart(cart, reference=given["paypal_order_id"])
        return Response({"message": "Order created successfully"}, status=201)


class Payments(Cart2TableViewSet):
    @extend_schema(
        operation_id="cart2table_create_payment",
        summary="Record a capture",
        tags=["cart2table"],
        request=docs.NewPayment,
        responses=responses(
            CART2TABLE,
            {201: docs.PaymentCreated},
            {
                404: "Order not found",
                422: "Something is missing or cannot be, the capture was reported before or PayPal does not know it "
                "like that; or this Idempotency-Key was used with another body",
            },
        ),
        examples=docs.CREATE_PAYMENT,
    )
    @idempotent(claim_first=True)
    def create(self, request: Request) -> Response:
        """Records a PayPal capture for an order; several may pay it. `order_status` is what the order is afterwards.
        With PayPal's keys the capture is looked up there; without, it counts and is shown to the merchant as not
        verified."""
        given, problems = read(docs.NewPayment(), request.data)
        if "paypal_order_id" not in given:
            raise Invalid(_in_order(problems, *_ORDER_OF_PROBLEMS))
        order = captures.order_of(given["paypal_order_id"])
        key = self._request_key(request, given.get("capture_id", ""))
        if "capture_id" in given and captures.is_taken(given["capture_id"], except_by=key):
            problems["capture_id"] = [f"Capture {TAKEN}"]
        if captures.is_gone(order):
            _note_stray(order, given, problems, key)
        if problems:
            raise Invalid(_in_order(problems, *_ORDER_OF_PROBLEMS))
        payment = captures.report(order, capture_id=given["capture_id"], amount=given["amount_captured"], key=key)
        word = _status_of(payment.order)
        return Response({"message": "Payment created successfully", "order_status": word}, status=201)

    def _request_key(self, request: Request, capture_id: str) -> str:
        """Recognises the repeat of a request that died before its answer was kept; '' without an Idempotency-Key."""
        key = request.headers.get("Idempotency-Key", "")
        digest = hashlib.sha256(f"{self.idempotency_caller(request)}:{key}:{capture_id}".encode()).hexdigest()
        return f"report_{digest}" if key else ""


def _status_of(order: Order) -> str:
    return status_word(order.total_amount, total_paid(order, list(order.payments.all())))


_ORDER_OF_PROBLEMS = ("paypal_order_id", "amount_captured", "capture_id")  # as the document's example has them


def _in_order(problems: dict[str, list[str]], *fields: str) -> list[str]:
    return [sentence for field in fields for sentence in problems.get(field, [])]


def _note_stray(order: Order, given: dict[str, Any], problems: dict[str, list[str]], key: str) -> None:
    """Raises DomainError(ORDER_NOT_FOUND), whatever else is wrong: for its caller the order is not there any more."""
    if not problems:
        captures.note_stray(order, capture_id=given["capture_id"], amount=given["amount_captured"], key=key)
    raise DomainError(ErrorCode.ORDER_NOT_FOUND)
