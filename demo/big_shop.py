"""A shop with a year of rows, as many as wanted, to see whether pages stay quick. The server writes them itself, from
numbers, in a few statements: nothing is sent to it row by row. PostgreSQL only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.models import User
from carts.models import Cart
from catalog.models import Discount, Variant
from orders.models import Order
from recovery.models import Sequence, Step

STATEMENTS = Path(__file__).with_suffix(".sql")
DELAYS = (3600, 86_400, 259_200)
CODE = "ONEOFF"  # of one order in twenty


class NotPossible(Exception):
    """With a sentence for whoever asked."""


def write(*, carts: int, orders: int, timeline: int, tell: Callable[[str], object] = print) -> None:
    """Into a shop that has a catalog and no orders yet. Raises NotPossible."""
    if connection.vendor != "postgresql":
        raise NotPossible("Big shops are made on PostgreSQL.")
    if Order.objects.exists() or Cart.objects.exists():
        raise NotPossible("There are carts or orders already: a big shop is made in an empty one.")
    variant = Variant.objects.order_by("pk").first()
    if variant is None:
        raise NotPossible("There is nothing to sell: load the demo catalog first.")
    values = _values(carts, orders, timeline, variant)
    for statement in filter(str.strip, STATEMENTS.read_text().split(";\n")):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            tell(f"{cursor.rowcount:>10,} {_table_of(statement)}")
    tidy()


def tidy() -> None:
    """So that the database knows what it has: as it would be after a year."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _values(carts: int, orders: int, timeline: int, variant: Variant) -> dict[str, int | str]:
    sequence = Sequence.objects.create(name="Big shop")
    for delay in DELAYS:
        Step.objects.create(sequence=sequence, delay_seconds=delay)
    Discount.objects.create(code=CODE, method=Discount.Method.FIXED)
    user = User.objects.filter(is_staff=True).first() or User.objects.create(
        username=f"big-{secrets.token_hex(4)}", is_staff=True
    )
    return {
        "carts": carts,
        "orders": orders,
        "timeline": timeline,
        "variant": variant.pk,
        "code": CODE,
        "sequence": sequence.pk,
        "user": user.pk,
        "content_type": ContentType.objects.get_for_model(Order).pk,
    }


def _table_of(statement: str) -> str:
    return statement.partition("INSERT INTO ")[2].split()[0]
