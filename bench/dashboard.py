"""The merchant's pages among few rows and among many: each page's time and its number of queries.

The pages are asked for in this process, by a superuser, one after another, round by round.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from analytics import rows as rows_behind
from analytics.definitions import Period
from bench.dashboard_report import PageResult
from carts.models import Cart, Refusal
from catalog.models import Discount
from demo.big_shop import CODE as BIG_CODE
from orders.models import Order
from payments.models import Payment

LISTS = ("carts_cart", "checkouts_checkout", "orders_order", "payments_payment", "payments_gatewayevent")
MESSAGES = "recovery_message"
TIMES = 3


class PageFailed(Exception):
    """A page was not shown."""


def seed(rows: int) -> float:
    """Makes the shop, in an empty database. Seconds."""
    call_command("migrate", interactive=False, verbosity=0)
    began = time.perf_counter()
    call_command("seed_big_shop", carts=rows, orders=rows, timeline=5 * rows, verbosity=0)
    return time.perf_counter() - began


def ask() -> list[PageResult]:
    """Each page of the shop that is there: once to count queries and warm up, then TIMES for its time. Raises
    PageFailed."""
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client()
    client.force_login(User.objects.create_superuser(f"bench-{time.monotonic_ns()}"))
    pages = dict(_pages())
    queries = {name: _queries(client, address) for name, address in pages.items()}
    return [PageResult(name, queries[name], [_seconds(client, address)]) for name, address in pages.items()]


def _pages() -> Iterator[tuple[str, str]]:
    yield from (("home, 30 days", "/admin/?days=30"), ("home, 90 days", "/admin/?days=90"))
    yield "home, a day", "/admin/?days=1"
    for name in (*LISTS, MESSAGES):
        address = reverse(f"admin:{name}_changelist")
        yield f"{name}", address
        yield f"{name}, page 100", f"{address}?p=100"
    yield from _filtered()
    yield from _searches()
    order = Order.objects.filter(number__isnull=False).order_by("pk")[10]
    code = Discount.objects.get(code=BIG_CODE)
    yield "a discount's page with what it brought", reverse("admin:catalog_discount_change", args=[code.pk])
    yield "an order's page with its timeline", reverse("admin:orders_order_change", args=[order.pk])


def _filtered() -> Iterator[tuple[str, str]]:
    week = (timezone.now() - timedelta(days=7)).isoformat()
    for name, query in (
        ("carts_cart", "status__exact=abandoned"),
        ("checkouts_checkout", "status__exact=expired"),
        ("orders_order", "status__exact=accepted"),
        ("payments_payment", "status__exact=captured"),
        ("payments_gatewayevent", "status__exact=waiting"),
        (MESSAGES, "outcome__exact=sent"),
        ("carts_cart", "no_sequence=1"),
        ("carts_cart", "refused=discount"),
        ("orders_order", f"discount_code__exact={BIG_CODE}"),
        ("orders_order", "sending=to_be_sent"),
    ):
        yield f"{name}, {query}", f"{reverse(f'admin:{name}_changelist')}?{query}"
    today = timezone.localdate()
    month = Period(today - timedelta(days=29), today)
    for column in ("direct", "assisted"):
        yield f"{MESSAGES}, {column} of 30 days", rows_behind.mails(month, column)
    for are_unbought in (False, True):
        address = rows_behind.refused(month, Refusal.Kind.DISCOUNT, are_unbought=are_unbought)
        yield f"carts_cart, refused a code in 30 days{', not bought' if are_unbought else ''}", address
    for name in ("carts_cart", "orders_order", "payments_payment", "checkouts_checkout"):
        yield f"{name}, of a week", f"{reverse(f'admin:{name}_changelist')}?created_at__gte={week.replace('+', '%2B')}"


def _searches() -> Iterator[tuple[str, str]]:
    """By what somebody on the phone can tell: the same place in each shop, near its beginning."""
    order = Order.objects.filter(number__isnull=False).order_by("pk")[10]
    payment, cart = Payment.objects.get(order=order), Cart.objects.order_by("pk")[10]
    terms: list[tuple[str, str, Any]] = [
        ("orders_order", "e-mail prefix", "shopper9"),
        ("orders_order", "number", order.number),
        ("orders_order", "gateway reference", payment.gateway_reference),
        ("orders_order", "nothing found", "nobody@example.com"),
        ("payments_payment", "gateway reference", payment.gateway_reference),
        ("payments_payment", "order number", order.number),
        ("carts_cart", "e-mail prefix", "shopper9"),
        ("carts_cart", "id", cart.pk),
        ("carts_cart", "UUID", cart.public_id),
        ("checkouts_checkout", "e-mail prefix", "shopper9"),
        ("payments_gatewayevent", "event id", "big_evt_7"),
        (MESSAGES, "whole e-mail", cart.email),
    ]
    for name, by, term in terms:
        yield f"{name}, search by {by}", f"{reverse(f'admin:{name}_changelist')}?q={term}"


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        _get(client, address)
    return len(caught)


def _seconds(client: Client, address: str) -> float:
    """The median of TIMES: collecting garbage takes this process as long as two pages, whatever the page."""
    return statistics.median(_seconds_once(client, address) for _ in range(TIMES))


def _seconds_once(client: Client, address: str) -> float:
    began = time.perf_counter()
    _get(client, address)
    return time.perf_counter() - began


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:  # noqa: PLR2004
        raise PageFailed(f"{address}: {answer.status_code}")
