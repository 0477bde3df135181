"""A checkout and an order as the guest API writes them: every field of the document's examples on every answer."""

from __future__ import annotations

from typing import Any

from carts.queries import BasketLine
from checkouts.completion import Completion
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from checkouts.states import CheckoutStatus
from common import addresses
from dialects.guest import kilograms, moment, number
from orders.models import Order, OrderLine
from payments.models import Payment
from payments.states import PaymentStatus

Json = dict[str, Any]

# The document knows no word for "being paid": to its clients such a checkout is still active.
_STATUS_WORDS = {CheckoutStatus.PAYING: "active"}
_IN_DOUBT = (PaymentStatus.CREATED, PaymentStatus.PROCESSING, PaymentStatus.REVIEW)


def checkout_body(view: CheckoutView) -> Json:
    """Amounts in major units. `total_amount` is the items' sum, `final_amount` what is to be paid."""
    checkout, cart, totals, currency = view.checkout, view.checkout.cart, view.totals, view.currency
    return {
        "id": checkout.pk,
        "session_id": str(checkout.session_key),
        "items": [_item(line, currency) for line in view.lines],
        "status": status_word(checkout),
        "shipping_address": addresses.clean(checkout.shipping_address),
        "billing_address": addresses.clean(checkout.billing_address),
        "shipping_method_id": view.method.pk if view.method else 0,
        "shipping_method": _shipping_method(view),
        "payment_provider": checkout.payment_provider,
        "total_amount": number(totals.items_amount, currency),
        "shipping_cost": number(totals.shipping_amount, currency),
        "total_weight": kilograms(view.weight_grams),
        "customer_details": {"email": cart.email, "phone": cart.phone, "full_name": cart.full_name},
        "currency": currency,
        "discount_code": checkout.discount.code if checkout.discount else "",
        "discount_amount": number(totals.discount_amount, currency),
        "final_amount": number(totals.total_amount, currency),
        "applied_discount": _applied_discount(view),
        "created_at": moment(checkout.created_at),
        "updated_at": moment(checkout.updated_at),
        "last_activity_at": moment(cart.last_activity_at),
        "expires_at": moment(checkout.expires_at),
    }


def status_word(checkout: Checkout) -> str:
    return _STATUS_WORDS.get(CheckoutStatus(checkout.status), checkout.status)


def _item(line: BasketLine, currency: str) -> Json:
    offer = line.offer
    return {
        "id": line.id,
        "product_id": offer.product_id,
        "variant_id": offer.variant_id,
        "product_name": offer.product_name,
        "variant_name": offer.variant_name,
        "sku": offer.sku,
        "price": number(line.unit_amount, currency),
        "quantity": line.quantity,
        "weight": kilograms(offer.weight_grams),
        "subtotal": number(line.amount, currency),
        "created_at": moment(line.created_at),
        "updated_at": moment(line.updated_at),
    }


def _shipping_method(view: CheckoutView) -> Json | None:
    method = view.method
    if method is None:
        return None
    return {
        "id": method.pk,
        "name": method.name,
        "description": method.description,
        "cost": number(view.shipping_amount, view.currency),
    }


def _applied_discount(view: CheckoutView) -> Json | None:
    """None also where the code is kept but gives nothing now (expired, used up, below its minimum)."""
    discount = view.checkout.discount
    if discount is None or view.discount_refusal:
        return None
    is_percentage = discount.method == discount.Method.PERCENTAGE
    off_amount = view.checkout.terms_off_amount or 0  # type: ignore[attr-defined]
    return {
        "id": discount.pk,
        "code": discount.code,
        "type": discount.kind,
        "method": discount.method,
        "value": number(discount.basis_points, "USD") if is_percentage else number(off_amount, view.currency),
        "amount": number(view.totals.discount_amount, view.currency),
    }


def completion_body(completion: Completion) -> Json:
    return {
        "success": True,
        "message": "Order created successfully",
        "data": _order(completion.order, completion.payment),
        "action_required": bool(completion.action_url),
        "redirect_url": completion.action_url,
    }


def _order(order: Order, payment: Payment | None) -> Json:
    """`total_amount` and `subtotal` are the items' sum, `total` and `final_amount` what is to be paid."""
    currency = order.currency
    items = number(order.items_amount, currency)
    total = number(order.total_amount, currency)
    return {
        "id": order.pk,
        "user_id": order.user_id or 0,  # 0 means none, as everywhere in this document
        "order_number": order.number or "",
        "status": "pending",  # placed, not yet sent: the document's word for a new order
        "total_amount": items,
        "items": [_order_item(line, currency) for line in order.lines.all()],
        "shipping_address": addresses.clean(order.shipping_address),
        "billing_address": addresses.clean(order.billing_address),
        "customer_details": {"email": order.email, "phone": order.phone, "full_name": order.full_name},
        "shipping_method": order.shipping_method_name,
        "shipping_cost": number(order.shipping_amount, currency),
        "subtotal": items,
        "total": total,
        "discount_code": order.discount_code,
        "discount_amount": number(order.discount_amount, currency),
        "final_amount": total,
        "currency": currency,
        "payment_provider": payment.provider if payment else "",
        "payment_status": _payment_word(payment),
        "created_at": moment(order.created_at),
    }


def _payment_word(payment: Payment | None) -> str:
    """`pending`: accepted or waiting for the shopper, as the document prints it; `processing`: nobody knows yet."""
    return "processing" if payment and payment.status in _IN_DOUBT else "pending"


def _order_item(line: OrderLine, currency: str) -> Json:
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
    }


def checkout_summary(view: CheckoutView) -> Json:
    """A row of the admin list."""
    checkout, currency = view.checkout, view.currency
    row = {
        "id": checkout.pk,
        "session_id": str(checkout.session_key),
        "status": status_word(checkout),
        "total_amount": number(view.totals.items_amount, currency),
        "discount_amount": number(view.totals.discount_amount, currency),
        "final_amount": number(view.totals.total_amount, currency),
        "currency": currency,
        "created_at": moment(checkout.created_at),
        "updated_at": moment(checkout.updated_at),
        "expires_at": moment(checkout.expires_at),
    }
    if checkout.completed_at:
        row |= {"completed_at": moment(checkout.completed_at), "converted_order_id": checkout.order_id}
    return row
