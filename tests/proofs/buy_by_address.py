"""Run inside a shop of its own: clients of the purchase API ask for many things at once."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django.test import Client

from accounts import keys
from accounts.models import Scope
from demo import catalog
from prepaid import services as prepaid
from prepaid.models import Account

ADDRESS = {"address_line1": "1 Mill Lane", "city": "Springfield", "postal_code": "62704", "country": "US"}
THREADS = 20
# Rich; capped to three shirts a day; with money for three; two that race each other for ten pieces.
CLIENTS = ((10**8, 10**8), (10**8, 3 * 3098), (3 * 3098, 10**8), (10**8, 10**8), (10**8, 10**8))
WANTED = (
    ("organic-cotton-t-shirt", "Size Large, Color Blue"),
    ("organic-cotton-t-shirt", "Medium, blue"),
    ("organic-cotton-t-shirt", "Large Blue"),
    ("ten-left", ""),
    ("last-one", ""),
)


def make_clients() -> list[str]:
    secrets = []
    for number, (balance, day_cap) in enumerate(CLIENTS):
        key, secret = keys.create(name=f"Client {number}", scope=Scope.PURCHASE)
        account = prepaid.account_of(key)
        Account.objects.filter(pk=account.pk).update(day_cap_amount=day_cap)
        prepaid.top_up(account.pk, balance, key=f"proof:{number}")
        secrets.append(secret)
    return secrets


def ask_many(count: int) -> None:
    """Each is posted twice under its Idempotency-Key; prints the ids of the purchases, one each."""
    catalog.load()
    secrets = make_clients()
    barrier = Barrier(THREADS)

    def ask(number: int) -> str:
        if number < THREADS:
            barrier.wait(60)
        which = number % len(CLIENTS)
        slug, prompt = WANTED[which]
        body = {
            "url": f"http://127.0.0.1:8000/products/{slug}",
            "user_data": {
                "email": f"person{number}@example.com",
                "full_name": "A Person",
                "prompt": prompt,
                "shipping_address": ADDRESS,
            },
        }
        headers = {
            "Authorization": f"Bearer {secrets[which]}",
            "Idempotency-Key": f"proof-{number}",
            "Host": "127.0.0.1",
        }
        answers = [Client().post("/v0/checkout", body, "application/json", headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200], answers[-1].content
        assert answers[0].json() == answers[1].json()
        connection.close()
        return answers[0].json()["checkout_id"]

    with ThreadPoolExecutor(THREADS) as pool:
        sys.stdout.write(json.dumps(list(pool.map(ask, range(count)))))


def books() -> None:
    """What the ledger and the orders say, for the proof to judge."""
    from django.db.models import Sum

    from orders.models import Order
    from payments.models import Payment
    from prepaid import queries
    from prepaid.models import Hold
    from purchases.models import Purchase

    sums = Purchase.objects.aggregate(sum=Sum("amount"))["sum"] or 0
    said = {
        "out_of_balance": queries.out_of_balance().count(),
        "below_zero": Account.objects.filter(balance_amount__lt=0).count(),
        "held": Account.objects.aggregate(sum=Sum("held_amount"))["sum"],
        "open_holds": Hold.objects.filter(status="held").count(),
        "purchased": sums,
        "settled": Hold.objects.filter(status="settled").aggregate(sum=Sum("amount"))["sum"] or 0,
        "captured": Payment.objects.aggregate(sum=Sum("captured_amount"))["sum"] or 0,
        "accepted": Order.objects.filter(status="accepted").aggregate(sum=Sum("total_amount"))["sum"] or 0,
        "orders": Order.objects.filter(status="accepted").count(),
        "completed": Purchase.objects.filter(status="completed").count(),
        "failed": Purchase.objects.filter(status="failed").count(),
        "pending_orders": Order.objects.filter(status="pending").count(),
        "of_client": dict(Purchase.objects.filter(status="completed").values_list("key__name").annotate(n=Sum(1))),
    }
    sys.stdout.write(json.dumps(said))
