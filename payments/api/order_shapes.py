"""Orders as buyers and staff read them: money in major units, `status` in four words (docs/order-api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dialects.guest import moment, number
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments.models import Payment, Refund
from payments.states import REFUSED, PaymentStatus, RefundStatus

Json = dict[str, Any]
STATUS_WORDS = ("pending", "paid", "failed", "canceled")


def status_word(order: Order, newest_payment_status: str | None) -> str:
    """`failed`: the last try was a clear no; the next one may still pay the order until it expires."""
    if order.status == OrderStatus.ACCEPTED:
        return "paid"
    if order.status == OrderStatus.CANCELED:
        return "canceled"
    return "failed" if newest_payment_status in REFUSED else "pending"


def order_body(order: Order, payments: Sequence[Payment]) -> Json:
    """An order whole; `payments` newest first, with their refunds at hand."""
    return {
        **order_row(order, payments[0].status if payments else None),
        "amounts": _amounts(order),
        "discount_code": order.discount_code,
        "shipping_method": order.shipping_method_name,
        "lines": [_line(line, order.currency) for line in order.lines.all()],
        "payments": [_payment(payment) for payment in payments],
        "accepted_at": moment(order.accepted_at) if order.accepted_at else None,
        "canceled_at": moment(order.canceled_at) if order.canceled_at else None,
        "expires_at": moment(order.expires_at) if order.status == OrderStatus.PENDING else None,
    }


def order_row(order: Order, newest_payment_status: str | None) -> Json:
    """A row of the staff's list."""
    currency = order.currency
    return {
        "id": order.pk,
        "order_id": str(order.public_id),
        "order_number": order.number or "",
        "status": status_word(order, newest_payment_status),
        "email": order.email,
        "currency": currency,
        "total_amount": number(order.total_amount, currency),
        "paid_amount": number(order.captured_amount, currency),
        "refunded_amount": number(order.refunded_amount, currency),
        "due_amount": number(_due(order), currency),
        "created_at": moment(order.created_at),
    }


def _due(order: Order) -> int:
    return order.due_amount if order.status == OrderStatus.PENDING else 0


def _amounts(order: Order) -> Json:
    amounts = {
        "items": order.items_amount,
        "discount": order.discount_amount,
        "shipping": order.shipping_amount,
        "tax": order.tax_amount,
        "total": order.total_amount,
        "paid": order.captured_amount,
        "refunded": order.refunded_amount,
        "due": _due(order),
    }
    return {name: number(amount, order.currency) for name, amount in amounts.items()}


def _line(line: OrderLine, currency: str) -> Json:
    return {
        "id": line.pk,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "product_name": line.product_name,
        "variant_name": line.variant_name,
        "sku": line.sku,
        "price": number(line.unit_amount, currency),
        "quantity": line.quantity,
        "subtotal": number(line.amount, currency),
        "customization": line.customization,
    }


def _payment(payment: Payment) -> Json:
    return {
        "id": str(payment.public_id),
        "provider": payment.provider,
        "played_by_test": payment.is_played_by_test,
        "reference": payment.gateway_reference,
        "status": _payment_word(payment),
        "amount": number(payment.amount, payment.currency),
        "paid_amount": number(payment.captured_amount, payment.currency),
        "refunded_amount": number(payment.refunded_amount, payment.currency),
        "refunds": [_refund(refund, payment.currency) for refund in payment.refunds.all()],
        "created_at": moment(payment.created_at),
    }


def _payment_word(payment: Payment) -> str:
    """Nobody outside tells a payment not yet asked for from one not yet answered."""
    return "processing" if payment.status == PaymentStatus.CREATED else str(payment.status)


def _refund(refund: Refund, currency: str) -> Json:
    return {
        "id": str(refund.public_id),
        "amount": number(refund.amount, currency),
        "status": _refund_word(refund.status),
        "reason": refund.reason,
        "created_at": moment(refund.created_at),
    }


def _refund_word(status: str) -> str:
    return {RefundStatus.DONE: "done", RefundStatus.REFUSED: "refused"}.get(RefundStatus(status), "processing")


def refund_body(order: Order, newest_payment_status: str | None, refunds: Sequence[Refund]) -> Json:
    """What one request paid back, over one payment or several, and the order's sums after it."""
    return {
        "refund": {
            "amount": number(sum(refund.amount for refund in refunds), order.currency),
            "currency": order.currency,
            "status": _status_of_all(refunds),
            "parts": [
                {**_refund(refund, order.currency), "payment_id": str(refund.payment.public_id)} for refund in refunds
            ],
        },
        "order": order_row(order, newest_payment_status),
    }


def _status_of_all(refunds: Sequence[Refund]) -> str:
    """`processing` as long as one part is; `done` where at least one part was paid back."""
    words = {_refund_word(refund.status) for refund in refunds}
    return "processing" if "processing" in words else "done" if "done" in words else "refused"
