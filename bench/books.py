"""What the shop's own tables say: before the load, while the worker catches up, and whether all came out right."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q

from bench.calls import PIECES, VARIANT
from catalog.models import Reservation, Stock
from catalog.states import ReservationStatus
from demo import catalog
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments.models import Payment
from payments.states import PaymentStatus

ON_HAND = 10_000_000
DRAIN_SECONDS = 60.0


def open_shop() -> None:
    """Tables and the demo's goods, with more pieces than any run can sell."""
    call_command("migrate", interactive=False, verbosity=0)
    catalog.load()
    Stock.objects.filter(variant_id=VARIANT).update(on_hand=ON_HAND)
    connection.close()


def wait_for_the_worker() -> None:
    """Mails of one stretch must not be paid for by the next. Raises RuntimeError when the worker cannot keep up."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while OutboxEvent.objects.filter(done_at__isnull=True, failed_at__isnull=True).exists():
        if time.monotonic() > deadline:
            raise RuntimeError("The worker did not catch up with the confirmation mails.")
        time.sleep(0.1)


def session_pids() -> list[int]:
    """Server processes of this database's other sessions; none on the embedded database."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def faults(journeys: int) -> list[str]:
    """What is wrong after that many completed journeys: empty when every order, payment and piece is accounted for."""
    paid_once = Count("payments", filter=Q(payments__status=PaymentStatus.CAPTURED))
    orders = Order.objects.annotate(paid=paid_once, tries=Count("payments"))
    stock = Stock.objects.get(variant_id=VARIANT)
    wanted: dict[str, tuple[Any, Any]] = {
        "orders": (orders.count(), journeys),
        "accepted orders": (orders.filter(status=OrderStatus.ACCEPTED).count(), journeys),
        "orders with one captured payment": (orders.filter(paid=1, tries=1).count(), journeys),
        "captured payments": (Payment.objects.filter(status=PaymentStatus.CAPTURED).count(), journeys),
        "order numbers": (orders.values("number").distinct().count(), journeys),
        "pieces on hand": (stock.on_hand, ON_HAND - journeys * PIECES),
        "pieces still reserved": (stock.reserved, 0),
        "reservations still held": (Reservation.objects.filter(status=ReservationStatus.HELD).count(), 0),
        "events that failed": (OutboxEvent.objects.filter(failed_at__isnull=False).count(), 0),
    }
    return [f"{what}: {found}, expected {right}" for what, (found, right) in wanted.items() if found != right]
