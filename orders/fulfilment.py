"""What is done with an accepted order until it is at its buyer's. Each verb locks the order and may be repeated."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils import timezone

from common.addresses import Address
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus, Sending
from outbox import services as outbox
from outbox.models import OutboxEvent

# What `ship` takes, and nobody has sent. As the index has it, but for the goods.
TO_BE_SENT = (
    Q(status=OrderStatus.ACCEPTED, shipped_at__isnull=True)
    & (Q(captured_amount=0) | Q(captured_amount__gt=F("refunded_amount")))  # not all of it went back
    & (Q(takes_parts=False) | Q(fulfilled_at__isnull=False))
)

SHIPPED_EVENT = "order.shipped"
CONFIRMATION_WANTED_EVENT = "order.confirmation_wanted"


def locked(order_id: int) -> Order:
    """Raises DomainError(ORDER_NOT_FOUND)."""
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    return order


def sending_of(order: Order) -> Sending | None:
    """None of one that nothing is sent of: not accepted, or all of it was paid back."""
    if order.shipped_at:
        return Sending.SENT
    if order.status != OrderStatus.ACCEPTED or order.is_all_paid_back:
        return None
    return Sending.GOODS_MISSING if order.takes_parts and order.fulfilled_at is None else Sending.TO_BE_SENT


@in_transaction
def ship(order_id: int, *, carrier: str, tracking_number: str) -> bool:
    """The goods are on their way, and the buyer hears of it once. False where just this was known before.

    Said again with another carrier or number it is put right, and nobody is written to. Raises DomainError:
    ORDER_NOT_FOUND, BUSY, and what `must_be_ready` raises.
    """
    order = locked(order_id)
    if order.shipped_at and (order.carrier, order.tracking_number) == (carrier, tracking_number):
        return False
    must_be_ready(order)
    order.carrier, order.tracking_number = carrier, tracking_number
    if order.shipped_at is None:
        order.shipped_at = timezone.now()
        order.fulfilled_at = order.fulfilled_at or order.shipped_at
        outbox.record(SHIPPED_EVENT, {"order": order.pk}, key=f"{SHIPPED_EVENT}:{order.pk}")
    order.save(update_fields=["carrier", "tracking_number", "shipped_at", "fulfilled_at", "updated_at"])
    return True


def must_be_ready(order: Order) -> None:
    """Or sent already: then carrier and number may be put right.

    Raises DomainError: ILLEGAL_MOVE (canceled), ORDER_NOT_PAID, GOODS_MISSING.
    """
    if order.status == OrderStatus.CANCELED:
        raise DomainError(ErrorCode.ILLEGAL_MOVE, what="order", current=order.status, target=Sending.SENT)
    if order.status != OrderStatus.ACCEPTED or order.is_all_paid_back:
        raise DomainError(ErrorCode.ORDER_NOT_PAID)
    if sending_of(order) == Sending.GOODS_MISSING:
        raise DomainError(ErrorCode.GOODS_MISSING)


@in_transaction
def change_address(order_id: int, *, kind: str, full_name: str, address: Address) -> bool:
    """Where it goes, or whom it is billed to. `kind`: shipping or billing. False where it was so before.

    The sums stay as agreed. Raises DomainError: ORDER_NOT_FOUND, ORDER_SHIPPED, ORDER_NOT_PAYABLE (canceled), BUSY.
    """
    order = locked(order_id)
    name = f"{kind}_address"
    if (order.full_name, getattr(order, name)) == (full_name, address):
        return False
    if order.shipped_at:
        raise DomainError(ErrorCode.ORDER_SHIPPED)
    if order.status == OrderStatus.CANCELED:
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    order.full_name = full_name
    setattr(order, name, address)
    order.save(update_fields=["full_name", name, "updated_at"])
    return True


@in_transaction
def want_confirmation(order_id: int, *, wish: str) -> bool:
    """The buyer gets the confirmation once more. The same `wish` again changes nothing: False.

    Raises DomainError: ORDER_NOT_FOUND, ORDER_NOT_PAID, EMAIL_MISSING, BUSY.
    """
    order = locked(order_id)
    if order.status != OrderStatus.ACCEPTED:
        raise DomainError(ErrorCode.ORDER_NOT_PAID)
    if not order.email:
        raise DomainError(ErrorCode.EMAIL_MISSING)
    key = f"{CONFIRMATION_WANTED_EVENT}:{order.pk}:{wish}"
    if OutboxEvent.objects.filter(key=key).exists():
        return False
    outbox.record(CONFIRMATION_WANTED_EVENT, {"order": order.pk, "wish": wish}, key=key)
    return True
