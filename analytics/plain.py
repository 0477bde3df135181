"""The recovery figures once more, in plain SQL, written apart from the code that shows them: the nightly check holds
one against the other. Nothing here calls analytics.credits or analytics.comparison.

`{later}` stands for "so many days after", which each database writes in its own way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

Row = tuple[Any, ...]

_FROM_MAILS = """
  FROM recovery_message m
  JOIN recovery_enrolment e ON e.id = m.enrolment_id
  LEFT JOIN recovery_recoverylink own ON own.message_id = m.id
  LEFT JOIN catalog_discount d ON d.id = own.discount_id
"""
_KIND = """
  e.sequence_id, m.step_id, m.language,
  CASE WHEN d.method IS NULL THEN 'none' WHEN d.method = 'fixed' THEN 'fixed'
    ELSE CAST(d.basis_points AS varchar(9)) END
"""
_MAILS = """
SELECT {kind}, COUNT(*), SUM(CASE WHEN m.outcome = 'sent' THEN 1 ELSE 0 END),
  SUM(CASE WHEN own.id IN (SELECT link_id FROM recovery_click) THEN 1 ELSE 0 END)
{mails}
WHERE m.decided_at >= %s AND m.decided_at < %s
GROUP BY 1, 2, 3, 4
"""
# Of each cart that was bought: its presses and its sent mails up to then, the last one first.
_PRESSES = """
presses AS (
  SELECT link.message_id AS message_id, link.cart_id AS cart_id,
    ROW_NUMBER() OVER (PARTITION BY link.cart_id ORDER BY k.at DESC, k.id DESC) AS place
  FROM recovery_click k JOIN recovery_recoverylink link ON link.id = k.link_id JOIN carts_cart c ON c.id = link.cart_id
  WHERE c.bought_at >= k.at
)"""
_SENT = """
mails AS (
  SELECT m.id AS message_id, c.id AS cart_id, m.decided_at AS at, c.bought_at AS bought_at,
    ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY m.decided_at DESC, m.id DESC) AS place
  FROM recovery_message m JOIN recovery_enrolment e ON e.id = m.enrolment_id JOIN carts_cart c ON c.id = e.cart_id
  WHERE m.outcome = 'sent' AND c.bought_at >= m.decided_at
)"""
_STAYS = """
paid AS (
  SELECT o.id AS order_id, o.cart_id AS cart_id, o.person AS person, o.accepted_at AS accepted_at,
    o.currency AS currency, SUM(p.captured_amount - CASE
      WHEN p.captured_amount < gone.amount OR p.captured_amount < p.surplus_amount + gone.of_order
      THEN p.captured_amount
      WHEN p.surplus_amount + gone.of_order > gone.amount THEN p.surplus_amount + gone.of_order
      ELSE gone.amount END) AS amount
  FROM orders_order o JOIN payments_payment p ON p.order_id = o.id AND p.currency = o.currency
  JOIN (
    SELECT p.id AS payment_id,
      p.refunded_amount + COALESCE(SUM(CASE WHEN r.status IN ('asked', 'unknown') THEN r.amount END), 0) AS amount,
      COALESCE(SUM(CASE WHEN r.status <> 'refused' AND r.created_by <> 'gateway' AND r.request_key NOT LIKE 'surplus:%%'
        AND r.request_key NOT LIKE 'review:%%' THEN r.amount END), 0) AS of_order
    FROM payments_payment p LEFT JOIN payments_refund r ON r.payment_id = p.id
    GROUP BY p.id, p.refunded_amount
  ) gone ON gone.payment_id = p.id
  WHERE o.accepted_at IS NOT NULL AND p.status = 'captured'
  GROUP BY o.id, o.cart_id, o.person, o.accepted_at, o.currency
)"""
_DIRECT = "SELECT message_id, cart_id FROM presses WHERE place = 1 AND message_id IS NOT NULL"
_ASSISTED = """
SELECT message_id, cart_id FROM mails
WHERE place = 1 AND bought_at < {later} AND cart_id NOT IN (SELECT cart_id FROM presses)
"""
_CREDITED = """
WITH {presses}, {sent}, credited AS ({which})
SELECT {kind}, COUNT(*)
{mails} JOIN credited ON credited.message_id = m.id
WHERE m.decided_at >= %s AND m.decided_at < %s
GROUP BY 1, 2, 3, 4
"""
_CREDITED_AMOUNTS = """
WITH {presses}, {sent}, {stays}, credited AS ({which})
SELECT {kind}, paid.currency, SUM(paid.amount)
{mails} JOIN credited ON credited.message_id = m.id JOIN paid ON paid.cart_id = credited.cart_id
WHERE m.decided_at >= %s AND m.decided_at < %s AND paid.amount > 0
GROUP BY 1, 2, 3, 4, 5
"""
_PEOPLE = """
SELECT e.is_held_out, COUNT(*), SUM(CASE
  WHEN c.bought_at >= e.compared_at AND c.bought_at < {later} THEN 1
  WHEN e.person IN (SELECT o.person FROM orders_order o
    WHERE o.person = e.person AND o.accepted_at >= e.compared_at AND o.accepted_at < {later}) THEN 1
  WHEN e.cart_id IN (SELECT o.cart_id FROM orders_order o
    WHERE o.cart_id = e.cart_id AND o.accepted_at >= e.compared_at AND o.accepted_at < {later}) THEN 1
  ELSE 0 END)
FROM recovery_enrolment e LEFT JOIN carts_cart c ON c.id = e.cart_id
WHERE e.compared_at >= %s AND e.compared_at < %s AND {later} <= %s
GROUP BY 1
"""
_PEOPLES_AMOUNTS = """
WITH {stays}
SELECT e.is_held_out, paid.currency, SUM(paid.amount)
FROM recovery_enrolment e
JOIN paid ON (paid.person = e.person OR paid.cart_id = e.cart_id)
  AND paid.accepted_at >= e.compared_at AND paid.accepted_at < {later}
WHERE e.compared_at >= %s AND e.compared_at < %s AND {later} <= %s AND paid.amount > 0
GROUP BY 1, 2
"""

_SALES = """
WITH {stays}
SELECT o.currency, COUNT(*), SUM(COALESCE(paid.amount, 0))
FROM orders_order o LEFT JOIN paid ON paid.order_id = o.id
WHERE o.accepted_at >= %s AND o.accepted_at < %s
GROUP BY 1
"""
_CHECKOUTS = """
SELECT COUNT(*),
  SUM(CASE WHEN CAST(c.shipping_address AS text) <> '{}' OR c.order_id IS NOT NULL THEN 1 ELSE 0 END),
  SUM(CASE WHEN c.shipping_method_id IS NOT NULL OR c.order_id IS NOT NULL THEN 1 ELSE 0 END),
  SUM(CASE WHEN c.order_id IS NOT NULL THEN 1 ELSE 0 END),
  SUM(CASE WHEN o.accepted_at IS NOT NULL THEN 1 ELSE 0 END)
FROM checkouts_checkout c LEFT JOIN orders_order o ON o.id = c.order_id
WHERE c.created_at >= %s AND c.created_at < %s
"""


def sales(start: datetime, end: datetime) -> list[Row]:
    """[(currency, orders, minor units that were paid for them and stay)] of the orders accepted from start to end."""
    return _rows(_SALES.format(stays=_STAYS), start, end)


def checkouts(start: datetime, end: datetime) -> Row:
    """(begun, address given, shipping chosen, placed, paid) of the checkouts begun from start to end."""
    return tuple(count or 0 for count in _rows(_CHECKOUTS, start, end)[0])


def mails(start: datetime, end: datetime) -> list[Row]:
    """[(sequence, step, language, code, considered, sent, clicked)] of the mails decided on from start to end."""
    return _rows(_MAILS.format(kind=_KIND, mails=_FROM_MAILS), start, end)


def credited(way: str, start: datetime, end: datetime, *, days: int) -> list[Row]:
    """[(sequence, step, language, code, carts)]; `way`: direct or assisted, the latter within so many days."""
    return _rows(_filled(_CREDITED, way, days), start, end)


def credited_amounts(way: str, start: datetime, end: datetime, *, days: int) -> list[Row]:
    """[(sequence, step, language, code, currency, minor units)]"""
    return _rows(_filled(_CREDITED_AMOUNTS, way, days), start, end)


def people(start: datetime, end: datetime, now: datetime, *, days: int) -> list[Row]:
    """[(is in the control group, people, buyers)] of those who entered from start to end and whose days are over."""
    return _rows(_PEOPLE.format(later=_later("e.compared_at", days)), start, end, now)


def peoples_amounts(start: datetime, end: datetime, now: datetime, *, days: int) -> list[Row]:
    """[(is in the control group, currency, minor units)]"""
    statement = _PEOPLES_AMOUNTS.format(stays=_STAYS, later=_later("e.compared_at", days))
    return _rows(statement, start, end, now)


def _filled(statement: str, way: str, days: int) -> str:
    which = _DIRECT if way == "direct" else _ASSISTED.format(later=_later("at", days))
    return statement.format(presses=_PRESSES, sent=_SENT, stays=_STAYS, which=which, kind=_KIND, mails=_FROM_MAILS)


def _later(column: str, days: int) -> str:
    if connection.vendor == "sqlite":  # a text; its part after the seconds is kept as it is
        return f"(strftime('%%Y-%%m-%%d %%H:%%M:%%S', {column}, '+{days} days') || substr({column}, 20))"
    return f"({column} + interval '{days} days')"


def _rows(statement: str, *moments: datetime) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [connection.ops.adapt_datetimefield_value(moment) for moment in moments])
        return list(cursor.fetchall())
