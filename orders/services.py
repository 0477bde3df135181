"""What can be done with an order. Every verb runs inside the caller's transaction and may be repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from carts import people
from carts import services as carts
from carts.models import Cart
from catalog import discounts, stock
from catalog.models import Discount
from catalog.pricing import Totals
from common import changes, rows
from common.addresses import Address
from common.errors import DomainError, ErrorCode
from common.persons import email_key
from orders import parts
from orders.models import Order, OrderLine
from orders.states import ORDER, OrderStatus
from outbox import services as outbox

ACCEPTED_EVENT = "order.accepted"
CANCELED_EVENT = "order.canceled"


@dataclass(frozen=True)
class DraftLine:
    """`product_id` and `variant_id` None: another store's thing, without a shelf here."""

    product_id: int | None
    variant_id: int | None
    product_name: str
    variant_name: str
    sku: str
    unit_amount: int
    quantity: int
    discount_amount: int
    weight_grams: int
    customization: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """Everything an order says, priced by the caller. Amounts in minor units of `currency`."""

    source: str
    cart_id: int
    currency: str
    email: str
    phone: str
    full_name: str
    shipping_address: Address
    billing_address: Address
    shipping_method_name: str
    discount_code: str
    totals: Totals
    lines: tuple[DraftLine, ...]
    user_id: int | None = None
    buyer: str = ""
    reference: str = ""
    language: str = ""  # what its buyer is written to in; '': the shop's
    takes_parts: bool = False


def _values(draft: Draft) -> dict[str, object]:
    totals = draft.totals
    return {
        "cart_id": draft.cart_id,
        "user_id": draft.user_id,
        "buyer": draft.buyer,
        "reference": draft.reference,
        "language": draft.language,
        "takes_parts": draft.takes_parts,
        "currency": draft.currency,
        "email": draft.email,
        "phone": draft.phone,
        "full_name": draft.full_name,
        "shipping_address": draft.shipping_address,
        "billing_address": draft.billing_address,
        "shipping_method_name": draft.shipping_method_name,
        "discount_code": draft.discount_code,
        "items_amount": totals.items_amount,
        "discount_amount": totals.discount_amount,
        "shipping_amount": totals.shipping_amount,
        "tax_amount": totals.tax_amount,
        "total_amount": totals.total_amount,
        "expires_at": timezone.now() + timedelta(seconds=_life_of(draft)),
    }


def _life_of(draft: Draft) -> int:
    """In seconds. What holds no stock may wait for as long as a cart does."""
    return settings.CART_EXPIRES_AFTER_SECONDS if draft.takes_parts else settings.UNPAID_ORDER_EXPIRES_AFTER_SECONDS


def _write_lines(order: Order, draft: Draft) -> None:
    rows = [OrderLine(order=order, **vars(line)) for line in draft.lines]
    OrderLine.objects.bulk_create(rows)
    # bulk_create fills in the ids on both databases, so nobody has to ask for the lines again.
    order._prefetched_objects_cache = {"lines": rows}  # type: ignore[attr-defined]


def bought_by(order_id: int, buyer: str) -> None:
    """Whoever paid an order that nobody is known to have bought is its buyer."""
    Order.objects.filter(pk=order_id, buyer="").update(buyer=buyer, updated_at=timezone.now())


def place(draft: Draft) -> Order:
    """A new pending order; its lines are at hand in `order.lines.all()` without a query.

    The unique source decides: a second order of one source raises IntegrityError.
    """
    order = rows.insert(Order(source=draft.source, **_values(draft)))
    _write_lines(order, draft)
    return order


def rewrite(order_id: int, draft: Draft) -> Order:
    """The unpaid order says what `draft` says from now on: the shopper tries again with another basket.

    One that ran out while its shopper was still at it is pending again. Raises DomainError(CHECKOUT_COMPLETED) when
    it was ever accepted, or money came for it that is not going back.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.accepted_at or order.kept_amount:
        raise DomainError(ErrorCode.CHECKOUT_COMPLETED)
    if order.status != OrderStatus.PENDING:
        ORDER.check(order.status, OrderStatus.PENDING)
        order.status, order.canceled_at = OrderStatus.PENDING, None
        changes.note_order(order.pk)
    for name, value in _values(draft).items():
        setattr(order, name, value)
    order.save()
    order.lines.all().delete()
    _write_lines(order, draft)
    return order


def next_number(now: datetime) -> str:
    """ORD-2026-0001 and on. The year's row is locked until the transaction ends: call it late."""
    year = timezone.localtime(now).year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_ordernumber (year, last) VALUES (%s, 1)"
            " ON CONFLICT (year) DO UPDATE SET last = orders_ordernumber.last + 1 RETURNING last",
            [year],
        )
        return f"ORD-{year}-{cursor.fetchone()[0]:04d}"


def accept(order: Order, *, now: datetime) -> None:
    """The gateway said yes (or there is nothing to pay): stock is taken, the number given, the mail on its way.

    Needs the order's row lock. Doing it twice is harmless.
    """
    if order.status == OrderStatus.ACCEPTED:
        return
    ORDER.check(order.status, OrderStatus.ACCEPTED)
    if order.takes_parts:
        parts.take_goods(order, now=now)
    else:
        stock.commit(order.source)
    _note_buyer(order, now)
    outbox.record(ACCEPTED_EVENT, {"order": order.pk, "source": order.source}, key=f"{ACCEPTED_EVENT}:{order.pk}")
    order.status, order.accepted_at = OrderStatus.ACCEPTED, now
    order.person = next(filter(None, map(email_key, _addresses_of(order))), "")
    order.number = next_number(now)
    rows.update(order, _WHAT_ACCEPTING_CHANGES)


def _note_buyer(order: Order, now: datetime) -> None:
    """The cart is bought, by whom the order names and by whom the cart names, which may be somebody else by now.

    The cart first: recovery locks the rows in this order.
    """
    email, phone = carts.mark_bought(order.cart_id, now=now) if order.cart_id else ("", "")
    people.note_purchase(emails=[*_addresses_of(order), email], phones=[order.phone, phone], now=now)


def _addresses_of(order: Order) -> list[str]:
    return [order.email] if order.user is None else [order.email, order.user.email]


_WHAT_ACCEPTING_CHANGES = (
    *("status", "accepted_at", "number", "person", "fulfilled_at", "captured_amount", "refunded_amount", "updated_at"),
)


def apply_payment(
    order: Order,
    *,
    captured_amount: int,
    refunded_amount: int,
    is_accepted: bool,
    now: datetime,
    may_take_up_again: bool = True,
) -> None:
    """What the order's payments sum up to now. Needs the order's row lock.

    Money for an order that was canceled unpaid takes it up again where its stock and its code can still be had, or
    where it takes parts and was not replaced; otherwise the order stays canceled and the money is noted:
    `captured_amount` says so.
    """
    order.captured_amount, order.refunded_amount = captured_amount, refunded_amount
    if may_take_up_again and (is_accepted or order.takes_parts):
        _take_up_again(order)
    if is_accepted and order.status == OrderStatus.PENDING:
        accept(order, now=now)
    else:
        order.save(update_fields=["captured_amount", "refunded_amount", "updated_at"])


def _take_up_again(order: Order) -> None:
    """A canceled order that was never accepted is pending again, its code used and its pieces held, or unchanged."""
    if order.status != OrderStatus.CANCELED or order.accepted_at:
        return
    if parts.is_replaced(order) if order.takes_parts else not _holds_again(order):
        return
    ORDER.check(order.status, OrderStatus.PENDING)
    order.status, order.canceled_at = OrderStatus.PENDING, None
    order.save(update_fields=["status", "canceled_at", "updated_at"])
    changes.note_order(order.pk)


def _holds_again(order: Order) -> bool:
    if _is_bought_otherwise(order):
        return False
    try:
        with transaction.atomic():  # both or neither
            hold(order)
    except DomainError:
        return False
    return True


def _is_bought_otherwise(order: Order) -> bool:
    """Whether another order of the same cart stands in its place: nobody wants the things twice."""
    if order.cart_id is None:
        return False
    # Whoever is writing another order for the cart at this moment has it locked.
    Cart.objects.select_for_update(no_key=True).filter(pk=order.cart_id).first()
    others = Order.objects.filter(cart_id=order.cart_id, status__in=(OrderStatus.PENDING, OrderStatus.ACCEPTED))
    return others.exclude(pk=order.pk).exists()


def hold(order: Order) -> None:
    """Its code is used and its pieces are held. Raises DomainError: DISCOUNT_GONE, SOLD_OUT(variant_id, available)."""
    discounts.redeem(_discount_of(order), holder=order.source)
    stock.reserve(holder=order.source, demand=parts.demand_of(order))


def _discount_of(order: Order) -> Discount | None:
    return Discount.objects.filter(code=order.discount_code).first() if order.discount_code else None


def keep_until(order: Order, moment: datetime) -> None:
    """An unpaid order and its hold wait at least until then. Needs the order's row lock."""
    if order.expires_at < moment:
        order.expires_at = moment
        order.save(update_fields=["expires_at", "updated_at"])


def wait_no_longer(order: Order, *, now: datetime) -> None:
    """Nobody waits for this order's money any more: it has the life of any unpaid one. Needs the order's row lock."""
    usual = now + timedelta(seconds=settings.UNPAID_ORDER_EXPIRES_AFTER_SECONDS)
    if order.expires_at > usual and not order.takes_parts:
        order.expires_at = usual
        order.save(update_fields=["expires_at", "updated_at"])


def note_surplus(order: Order, surplus_amount: int) -> None:
    """How much of the money that came is not this order's and goes back. Needs the order's row lock."""
    order.surplus_amount = surplus_amount
    order.save(update_fields=["surplus_amount", "updated_at"])


def cancel(order: Order, *, now: datetime) -> None:
    """An order comes to nothing: its stock and its code are free again, also what was bought and has not left yet.

    Needs the order's row lock. Of an accepted one see payments.cancellation: its money goes back.
    """
    if order.status == OrderStatus.CANCELED:
        return
    ORDER.check(order.status, OrderStatus.CANCELED)
    discounts.give_back(order.source)  # code before stock, as at completion: in one order nothing deadlocks
    stock.release(order.source)
    if order.status == OrderStatus.ACCEPTED:
        stock.take_back(order.source)
    # A taken up order may be canceled again: each time is a fact of its own.
    key = f"{CANCELED_EVENT}:{order.pk}:{now.isoformat()}"
    outbox.record(CANCELED_EVENT, {"order": order.pk, "source": order.source}, key=key)
    order.status, order.canceled_at = OrderStatus.CANCELED, now
    order.save(update_fields=["status", "canceled_at", "updated_at"])
