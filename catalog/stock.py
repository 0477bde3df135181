"""The only page that changes stock. Every verb of a purchase runs inside the caller's transaction and locks the rows
it consumes in the order of their ids, so that two baskets with the same things cannot deadlock; what staff does to one
shelf has a transaction of its own.

`FOR NO KEY UPDATE` because reservations point at these rows by foreign key. On the embedded database
`select_for_update` is a no-op: its transactions take the one write lock when they begin.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import BigIntegerField, Case, CharField, F, IntegerField, Value, When
from django.db.models.expressions import Combinable

from catalog.models import Reservation, Stock, StockAdjustment, Variant
from catalog.states import AdjustedBecause, ReservationStatus
from common.errors import DomainError, ErrorCode
from common.prepared import Given, Prepared, PreparedUpdate

Demand = Mapping[int, int]  # variant id -> pieces
MOST_ON_HAND = 1_000_000_000


_SHELF_LOCKED = Prepared[Stock](
    lambda: Stock.objects.select_for_update(no_key=True).filter(pk=Given("variant", BigIntegerField()))
)


def locked_stock(variant_ids: list[int]) -> dict[int, Stock]:
    if len(variant_ids) == 1:  # the usual basket
        return {row.variant_id: row for row in _SHELF_LOCKED.rows(variant=variant_ids[0])}
    rows = Stock.objects.select_for_update(no_key=True).filter(variant_id__in=variant_ids).order_by("variant_id")
    return {row.variant_id: row for row in rows}


def _by_variant(changes: Demand) -> Combinable:
    """The change of each row in one UPDATE, however many rows."""
    if len(changes) == 1:  # the usual basket: the UPDATE meets this row only
        return Value(next(iter(changes.values())))
    return Case(
        *(When(variant_id=variant_id, then=Value(change)) for variant_id, change in changes.items()),
        default=Value(0),
        output_field=IntegerField(),
    )


def _change(*, on_hand: Demand | None = None, reserved: Demand) -> None:
    changed = {variant_id: change for variant_id, change in reserved.items() if change}
    if not changed:
        return
    values: dict[str, Combinable] = {"reserved": F("reserved") + _by_variant(changed)}
    if on_hand:
        values["on_hand"] = F("on_hand") + _by_variant(on_hand)
    Stock.objects.filter(variant_id__in=changed).update(**values)


def _held(holder: str) -> dict[int, int]:
    rows = Reservation.objects.filter(holder=holder, status=ReservationStatus.HELD)
    return dict(rows.values_list("stock_id", "quantity"))


def held_by(holder: str) -> dict[int, int]:
    """Pieces this holder has been promised already: {variant id: pieces}."""
    return _held(holder)


def reserve(*, holder: str, demand: Demand, is_first: bool = False) -> None:
    """Makes the holder's hold exactly `demand`: what an earlier try held is taken over or given back.

    `is_first` says that the holder cannot have held anything yet, which saves asking.
    Raises DomainError(SOLD_OUT, variant=id, available=pieces) and changes nothing when one thing is short.
    """
    before = {} if is_first else _held(holder)
    rows = locked_stock(sorted({*demand, *before}))
    for variant_id, pieces in demand.items():
        row = rows.get(variant_id)
        available = (row.available if row else 0) + before.get(variant_id, 0)
        if pieces > available:
            raise DomainError(ErrorCode.SOLD_OUT, variant_id=variant_id, available=max(available, 0))
    _change(reserved={variant_id: demand.get(variant_id, 0) - before.get(variant_id, 0) for variant_id in rows})
    _write_reservations(holder, demand, dropped=[variant_id for variant_id in before if variant_id not in demand])


def _write_reservations(holder: str, demand: Demand, *, dropped: list[int]) -> None:
    if dropped:
        Reservation.objects.filter(holder=holder, stock_id__in=dropped).update(status=ReservationStatus.RELEASED)
    Reservation.objects.bulk_create(
        [
            Reservation(holder=holder, stock_id=variant_id, quantity=pieces, status=ReservationStatus.HELD)
            for variant_id, pieces in demand.items()
        ],
        update_conflicts=True,
        unique_fields=["holder", "stock"],
        update_fields=["quantity", "status"],
    )


def commit(holder: str) -> None:
    """What was promised is bought and leaves the shelf. Doing it twice is harmless."""
    _settle(holder, ReservationStatus.COMMITTED)


def release(holder: str) -> None:
    """What was promised is free again. Doing it twice is harmless."""
    _settle(holder, ReservationStatus.RELEASED)


_SETTLED = PreparedUpdate(
    lambda: Reservation.objects.filter(holder=Given("holder", CharField()), status=ReservationStatus.HELD),
    ("stock", "quantity"),
    status=Given("status", CharField()),
)


def _settle(holder: str, status: ReservationStatus) -> None:
    freed = {variant_id: -pieces for variant_id, pieces in _SETTLED.rows(holder=holder, status=status)}
    if len(freed) > 1:  # one shelf alone is locked by its change
        locked_stock(sorted(freed))
    _change(reserved=freed, on_hand=freed if status == ReservationStatus.COMMITTED else None)


def take_back(holder: str) -> None:
    """What was bought and has not left the house is on the shelf again. Doing it twice is harmless."""
    bought = Reservation.objects.select_for_update(of=("self", "stock"), no_key=True).filter(
        holder=holder, status=ReservationStatus.COMMITTED
    )
    pieces = {row.stock_id: row.quantity for row in bought.select_related("stock").order_by("stock_id")}
    if not pieces:
        return
    Stock.objects.filter(variant_id__in=pieces).update(on_hand=F("on_hand") + _by_variant(pieces))
    Reservation.objects.filter(holder=holder, status=ReservationStatus.COMMITTED).update(
        status=ReservationStatus.RELEASED
    )


# --- by staff -------------------------------------------------------------------------------------
def receive(*, variant_id: int, pieces: int, by: str = "") -> None:
    """Pieces come onto the shelf, or leave it (negative). Raises what `adjust` raises."""
    reason = AdjustedBecause.RECEIVED if pieces > 0 else AdjustedBecause.CORRECTED
    adjust(variant_id=variant_id, pieces=pieces, reason=reason, by=by)


@transaction.atomic
def adjust(
    *, variant_id: int, pieces: int, reason: AdjustedBecause, by: str = "", note: str = "", wish: str | None = None
) -> tuple[StockAdjustment, bool]:
    """The row of its history, and whether it is new: the same `wish` again is answered with what it made.

    Raises DomainError: VARIANT_NOT_FOUND; INVALID_VALUE where less would be left than is promised, or where the reason
    speaks of the other direction.
    """
    if not reason.fits(pieces):
        raise DomainError(ErrorCode.INVALID_VALUE, reason=says_otherwise(pieces, reason))
    row = _shelf(variant_id)
    known = StockAdjustment.objects.filter(wish=wish).first() if wish else None
    if known is not None:
        return known, False
    after = checked_count(row, row.on_hand + pieces)
    return _write_counts([(row, after)], reason=reason, by=by, note=note, wish=wish)[0], True


def count_anew(on_hand: Demand, *, reason: AdjustedBecause, by: str = "") -> list[StockAdjustment]:
    """There are so many of each now, their shelves being there: those that differ are written, in three statements.

    Raises DomainError(INVALID_VALUE) where less would be left than is promised, and changes nothing then.
    """
    rows = locked_stock(sorted(on_hand))
    changed = [
        (row, checked_count(row, on_hand[row.variant_id]))
        for row in rows.values()
        if row.on_hand != on_hand[row.variant_id]
    ]
    return _write_counts(changed, reason=reason, by=by)


def checked_count(row: Stock, on_hand: int) -> int:
    """Raises DomainError(INVALID_VALUE) where there cannot be so many."""
    if on_hand < row.reserved or on_hand < 0:
        raise DomainError(ErrorCode.INVALID_VALUE, reason=too_many_taken(row.on_hand, row.reserved))
    if on_hand > MOST_ON_HAND:
        raise DomainError(ErrorCode.INVALID_VALUE, reason=f"More than {MOST_ON_HAND} are not counted.")
    return on_hand


def too_many_taken(on_hand: int, reserved: int) -> str:
    free = max(on_hand - reserved, 0)
    most = f"At most {free:,}" if free else "Nothing"
    return f"{most} can be taken away: {on_hand:,} on hand, {reserved:,} of them promised."


def says_otherwise(pieces: int, reason: AdjustedBecause) -> str:
    adds, takes = "adds pieces to the shelf", "takes pieces off the shelf"
    meant, does = (adds, takes) if pieces < 0 else (takes, adds)
    return f"“{reason.label}” {meant}; {pieces} {does}. Type {-pieces}, or choose another reason."


def _shelf(variant_id: int) -> Stock:
    rows = locked_stock([variant_id])
    if not rows and Variant.objects.filter(pk=variant_id).exists():
        open_shelf(variant_id)
        rows = locked_stock([variant_id])
    if not rows:
        raise DomainError(ErrorCode.VARIANT_NOT_FOUND)
    return rows[variant_id]


def _write_counts(
    changed: list[tuple[Stock, int]], *, reason: AdjustedBecause, by: str, note: str = "", wish: str | None = None
) -> list[StockAdjustment]:
    """Needs the rows' locks."""
    pieces = {row.variant_id: after - row.on_hand for row, after in changed}
    if pieces:
        Stock.objects.filter(variant_id__in=pieces).update(on_hand=F("on_hand") + _by_variant(pieces))
    return StockAdjustment.objects.bulk_create(
        StockAdjustment(
            variant_id=row.variant_id,
            on_hand_before=row.on_hand,
            on_hand_after=after,
            reason=reason,
            by=by,
            note=note,
            wish=wish,
        )
        for row, after in changed
    )


def open_shelf(variant_id: int) -> None:
    """A new variant begins with nothing on hand. Doing it twice is harmless."""
    Stock.objects.get_or_create(variant_id=variant_id)
