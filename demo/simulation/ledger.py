"""The database's own log of purchases, suppressions and claims, written by triggers within the transactions that make
them: whatever the engine believes, this is what was committed, and in which order.

PostgreSQL: each row has its transaction's number, and a claim the snapshot in which it was written. What that snapshot
shows was committed before. SQLite writes one transaction at a time: the rows' order is the commits'.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

PURCHASE, SUPPRESSION, CLAIM = "purchase", "suppression", "claim"


@dataclass(frozen=True)
class Entry:
    """`moment`: the simulation's; `touched`: when somebody was at the cart last. Not every kind has everything."""

    number: int
    kind: str
    moment: datetime | None
    message: str
    cart: int | None
    email: str
    phone: str
    touched: datetime | None
    person: str
    transaction: int | None
    snapshot: str

    def shows(self, earlier: Entry) -> bool:
        """Whether the earlier one was committed when this one was written."""
        if earlier.transaction is None:
            return earlier.number < self.number
        oldest, newest, running = self.snapshot.split(":")
        if earlier.transaction < int(oldest):
            return True
        return earlier.transaction < int(newest) and str(earlier.transaction) not in running.split(",")


_TABLE = """CREATE TABLE simulation_ledger (
    number {serial}, kind text NOT NULL, moment bigint, message text, cart bigint, email text, phone text,
    touched bigint, person text, transaction_number bigint, snapshot text)"""
_COLUMNS = "kind, moment, message, cart, email, phone, touched, person"
_BOUGHT = "('recovered', 'converted')"
# {name: (when, what)}; `epoch(x)` and `digits(x)` are written out for each database.
_TRIGGERS = {
    "simulation_purchase": (
        f"AFTER UPDATE OF status ON carts_cart {{each}} WHEN (NEW.status IN {_BOUGHT} AND OLD.status NOT IN {_BOUGHT})",
        "SELECT 'purchase', epoch(NEW.bought_at), NULL, NEW.id, NEW.email, NEW.phone, NULL, NULL",
    ),
    "simulation_suppression": (
        "AFTER INSERT ON recovery_suppression {each}",
        "SELECT 'suppression', NULL, NULL, NULL, NULL, NULL, NULL, NEW.person",
    ),
    "simulation_claim": (
        "AFTER INSERT ON recovery_message {each} WHEN (NEW.outcome = 'handing_over')",
        "SELECT 'claim', epoch(NEW.decided_at), digits(NEW.public_id), cart.id, cart.email, cart.phone,"
        " epoch(cart.last_activity_at), NEW.person FROM recovery_enrolment AS enrolment"
        " JOIN carts_cart AS cart ON cart.id = enrolment.cart_id WHERE enrolment.id = NEW.enrolment_id",
    ),
}
_TRIGGERS["simulation_claim_again"] = (
    "AFTER UPDATE OF outcome ON recovery_message {each} WHEN"
    " (NEW.outcome = 'handing_over' AND OLD.outcome <> 'handing_over')",
    _TRIGGERS["simulation_claim"][1],
)


@contextmanager
def kept() -> Iterator[None]:
    _run(_on_postgresql() if connection.vendor == "postgresql" else _on_sqlite())
    try:
        yield
    finally:
        _run(_undone())


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _on_postgresql() -> list[str]:
    statements = [_TABLE.format(serial="bigserial PRIMARY KEY")]
    for name, (when, what) in _TRIGGERS.items():
        selected, _, source = what.partition(" FROM ")
        values = f"{selected}, pg_current_xact_id()::text::bigint, pg_current_snapshot()::text"
        query = f"{values} FROM {source}" if source else values
        query = query.replace("epoch(", "extract(epoch FROM ").replace("digits(NEW.public_id)", _DIGITS)
        insert = f"INSERT INTO simulation_ledger ({_COLUMNS}, transaction_number, snapshot) {query};"
        body = f"BEGIN {insert} RETURN NULL; END"
        statements += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
            f"CREATE TRIGGER {name} {when.format(each='FOR EACH ROW')} EXECUTE FUNCTION {name}()",
        ]
    return statements


_DIGITS = "replace(NEW.public_id::text, '-', '')"


def _on_sqlite() -> list[str]:
    statements = [_TABLE.format(serial="integer PRIMARY KEY AUTOINCREMENT")]
    for name, (when, what) in _TRIGGERS.items():
        query = what.replace("epoch(", "strftime('%s', ").replace("digits(NEW.public_id)", "NEW.public_id")
        insert = f"INSERT INTO simulation_ledger ({_COLUMNS}) {query};"
        statements.append(f"CREATE TRIGGER {name} {when.format(each='FOR EACH ROW')} BEGIN {insert} END")
    return statements


def _undone() -> list[str]:
    tables = {name: when.partition(" ON ")[2].split()[0] for name, (when, _) in _TRIGGERS.items()}
    if connection.vendor == "postgresql":
        gone = [f"DROP FUNCTION {name}() CASCADE" for name in tables]
    else:
        gone = [f"DROP TRIGGER {name}" for name in tables]
    return [*gone, "DROP TABLE simulation_ledger"]


def read() -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number, {_COLUMNS}, transaction_number, snapshot FROM simulation_ledger ORDER BY number"  # noqa: S608
        )
        return [_entry(*row) for row in cursor.fetchall()]


def _entry(number: int, kind: str, moment: Any, message: Any, cart: Any, *rest: Any) -> Entry:
    email, phone, touched, person, transaction, snapshot = rest
    return Entry(
        number,
        kind,
        _time(moment),
        message or "",
        cart,
        email or "",
        phone or "",
        _time(touched),
        person or "",
        transaction,
        snapshot or "",
    )


def _time(epoch: Any) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
