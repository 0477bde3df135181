"""When the dust has settled: what our tables say, what the gateways' own books say, and what must be true of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

from tests.proofs.faults.house import House
from tests.proofs.faults.shopper import Shopper
from tests.standins.paypal_books import counts

# What may not be there when everything has settled: table and condition.
UNSETTLED = {
    "a payment in doubt": "payments_payment WHERE status IN ('created', 'processing', 'requires_action')",
    "a payment for a person to judge": "payments_payment WHERE status = 'review'",
    "money without an order": "payments_payment WHERE surplus_amount > refunded_amount",
    "a refund without an answer": "payments_refund WHERE status IN ('asked', 'unknown')",
    "an unpaid order": "orders_order WHERE status = 'pending'",
    "a checkout that is being paid": "checkouts_checkout WHERE status = 'paying'",
    "a fact nobody was told": "outbox_outboxevent WHERE done_at IS NULL",
    "a piece held for nobody": "catalog_reservation WHERE status = 'held'",
    "an event nobody worked on": "payments_gatewayevent WHERE status IN ('received', 'waiting')",
}


def unsettled(house: House) -> dict[str, int]:
    return {what: count for what, rows in UNSETTLED.items() if (count := house.count(rows))}


@dataclass(frozen=True)
class Moved:
    """What a gateway took and paid back under one reference, minor units."""

    reference: str
    order: str
    captured: int
    refunded: int


@dataclass(frozen=True)
class OrderRow:
    reference: str
    email: str
    status: str
    total: int
    kept: int  # captured less refunded


def at_the_gateways(house: House) -> dict[str, Moved]:
    """Everything that ever moved, by the gateways' own references."""
    found = []
    for intent in house.stripe.books.intents.values():
        if charge := house.stripe.books.charges.get(intent["latest_charge"] or ""):
            order = intent["metadata"].get("order_reference", "")
            found.append(Moved(intent["id"], order, charge["amount_captured"], charge["amount_refunded"]))
    for order in house.paypal.orders.values():
        taken = sum((capture.value for capture in order.captures if counts(capture)), Decimal(0))
        left = house.paypal.moved(order.id)
        if taken:
            found.append(Moved(order.id, order.unit["reference_id"], int(taken * 100), int((taken - left) * 100)))
    return {moved.reference: moved for moved in found}


def orders(house: House) -> list[OrderRow]:
    rows = house.query(
        "SELECT public_id, email, status, total_amount, captured_amount - refunded_amount FROM orders_order"
    )
    return [OrderRow(str(public_id).replace("-", ""), *rest) for public_id, *rest in rows]


def shelves(house: House) -> dict[int, tuple[int, int]]:
    """variant -> (on hand, reserved)"""
    return {row[0]: (row[1], row[2]) for row in house.query("SELECT variant_id, on_hand, reserved FROM catalog_stock")}


def _sold(house: House) -> Counter[int]:
    rows = house.query(
        "SELECT l.variant_id, sum(l.quantity) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
        " WHERE o.status = 'accepted' GROUP BY l.variant_id"
    )
    return Counter({variant_id: int(pieces) for variant_id, pieces in rows})


def findings(house: House, shoppers: list[Shopper], shelves_before: dict[int, tuple[int, int]]) -> list[str]:
    """What is not as it must be; nothing, if all is well."""
    return [
        *_both_books_agree(house),
        *_one_order_each_and_its_money(house, shoppers),
        *_stock_is_right(house, shelves_before),
        *_mails_are_right(house),
    ]


def _both_books_agree(house: House) -> list[str]:
    theirs = at_the_gateways(house)
    rows = house.query(
        "SELECT gateway_reference, captured_amount, refunded_amount FROM payments_payment WHERE captured_amount > 0"
    )
    ours = {reference: (captured, refunded) for reference, captured, refunded in rows}
    said = {reference: (moved.captured, moved.refunded) for reference, moved in theirs.items()}
    return [
        f"{reference}: here {ours.get(reference)}, at the gateway {said.get(reference)}"
        for reference in sorted({*ours, *said})
        if ours.get(reference) != said.get(reference)
    ]


def _one_order_each_and_its_money(house: House, shoppers: list[Shopper]) -> list[str]:
    net: Counter[str] = Counter()
    for moved in at_the_gateways(house).values():
        net[moved.order] += moved.captured - moved.refunded
    of_shopper = defaultdict(list)
    for order in orders(house):
        of_shopper[order.email].append(order)
    return [
        f"schedule {shopper.schedule}: {said}"
        for shopper in shoppers
        for said in _judge(shopper, of_shopper[shopper.schedule.email], net)
    ]


def _judge(shopper: Shopper, placed: list[OrderRow], net: Counter[str]) -> list[str]:
    accepted = [order for order in placed if order.status == "accepted"]
    found = [] if len(accepted) <= 1 else [f"{len(accepted)} orders"]
    if shopper.schedule.way != "intent" and len(placed) > 1:  # a repeat of that API without a key is another order
        found.append(f"{len(placed)} orders were placed")
    wanted = accepted[0].total if accepted and shopper.told != "refunded" else 0
    at_gateway, here = sum(net[order.reference] for order in placed), sum(order.kept for order in placed)
    if not at_gateway == here == wanted:
        found.append(f"{wanted} should have moved, the gateway has {at_gateway}, we have {here}")
    if shopper.told in {"ordered", "refunded"} and not accepted:
        found.append("was told that the order stands, and it does not")
    if shopper.told == "declined" and accepted:
        found.append("was told that the payment failed, and has paid")
    return found


def _stock_is_right(house: House, before: dict[int, tuple[int, int]]) -> list[str]:
    sold = _sold(house)
    return [
        f"variant {variant_id}: {before[variant_id]} before, {sold[variant_id]} sold, {now} now"
        for variant_id, now in shelves(house).items()
        if now != (before[variant_id][0] - sold[variant_id], 0)
    ]


def _mails_are_right(house: House) -> list[str]:
    wanted = {f"<confirmation.{order.reference}@127.0.0.1>" for order in orders(house) if order.status == "accepted"}
    written = {mail for mail in house.mails() if mail.startswith("<confirmation.")}
    lost, needless = sorted(wanted - written), sorted(written - wanted)
    return [f"never confirmed: {mail}" for mail in lost] + [f"confirmed, and not ordered: {mail}" for mail in needless]
