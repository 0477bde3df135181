"""Carts, orders and payments as the cart2table API shows them: whole cents, times of the shop's zone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from carts.coded import shown
from carts.models import Cart
from carts.queries import BasketLine
from dialects.cart2table import moment
from orders.models import Order
from orders.states import OrderStatus
from payments.models import Payment
from payments.states import REFUSED, PaymentStatus

Json = dict[str, Any]
CREATED, PARTIALLY_PAID, FULLY_PAID = STATUS_WORDS = ("created", "partially_paid", "fully_paid")


def cart_body(cart: Cart, lines: Sequence[BasketLine], public_ids: Mapping[int, uuid.UUID], order: Json | None) -> Json:
    """`public_ids`: {product id: its UUID}."""
    return {
        "id": shown(cart),
        "created_at": moment(cart.created_at),
        "updated_at": moment(cart.updated_at),
        "cart_items": [_item(cart, line, str(public_ids[line.offer.product_id])) for line in lines],
        "order": order,
    }


def _item(cart: Cart, line: BasketLine, product_id: str) -> Json:
    return {
        "id": str(uuid.uuid5(cart.public_id, f"line {line.id}")),  # the same as long as the line is there
        "cart_id": shown(cart),
        "product_id": product_id,
        "quantity_ordered": line.quantity,
        "product": {"id": product_id, "name": line.offer.product_name, "base_price": line.unit_amount},
    }


def order_body(order: Order, cart: Cart, payments: Sequence[Payment]) -> Json:
    """`payments`: all of the order's, oldest first."""
    paid = total_paid(order, payments)
    return {
        "id": str(order.public_id),
        "cart_id": shown(cart),
        "paypal_order_id": order.reference,
        "total_due": order.total_amount,
        "status": status_word(order.total_amount, paid),
        "fulfilled_at": moment(order.fulfilled_at) if order.fulfilled_at else None,
        "total_paid": paid,
        "remaining_balance": remaining_balance(order.total_amount, paid),
        "payments": [_payment(payment, order) for payment in payments if payment.status not in REFUSED],
    }


def _payment(payment: Payment, order: Order) -> Json:
    return {
        "id": str(payment.public_id),
        "order_id": str(order.public_id),
        "capture_id": payment.gateway_reference,
        "amount_captured": payment.amount,
        "date_received": moment(payment.created_at),
    }


# --- what the payments come to --------------------------------------------------------------------
def total_paid(order: Order, payments: Sequence[Payment]) -> int:
    """What counts: neither a payment whose money is not there yet, nor one that a person has to judge, nor what went
    back before the order was paid. What goes back from a paid one is no debt again."""
    there = [payment for payment in payments if payment.status == PaymentStatus.CAPTURED]
    went_back = sum(payment.surplus_amount for payment in there) if order.status == OrderStatus.PENDING else 0
    return sum(payment.captured_amount for payment in there) - went_back


def remaining_balance(total_due: int, paid: int) -> int:
    """Never negative: what was paid above the total is owed to the payer, and goes back."""
    return max(total_due - paid, 0)


def status_word(total_due: int, paid: int) -> str:
    if paid >= total_due:
        return FULLY_PAID
    return PARTIALLY_PAID if paid else CREATED
