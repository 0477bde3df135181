"""`/metrics`: what is counted by how many processes soever, what is read at that moment, and who may ask."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.db import DatabaseError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common import counters
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from outbox.jobs import heartbeat
from outbox.models import OutboxEvent
from payments import services as payments
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.payments.test_review import in_review

pytestmark = pytest.mark.django_db
LINE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? ([0-9.e+-]+)$", re.MULTILINE)


def shown(client, **extra: str) -> dict[str, float]:
    """{'name{label="value"}': figure}"""
    answer = client.get("/metrics", **extra)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    lines = LINE.findall(answer.content.decode())
    return {f"{name}{{{labels}}}" if labels else name: float(value) for name, labels, value in lines}


def counted(counter, *labels: object) -> float:
    """By this process, so that others running beside it do not matter."""
    return counter.labels(*labels)._value.get()


class TestCounted:
    @pytest.mark.parametrize(
        ("path", "door", "status"),
        [
            ("/api/checkout", "guest", 200),
            ("/api/orders/1", "guest", 401),
            ("/api/nothing", "api", 404),
            ("/products/", "pages", 200),
            ("/admin/login/", "admin", 200),
            ("/healthz", "health", 200),
        ],
    )
    def test_an_answer_counts_at_its_door(self, client, path, door, status):
        demo_shop()
        before = counted(counters.REQUESTS, door, "GET", status)
        assert client.get(path).status_code == status
        assert counted(counters.REQUESTS, door, "GET", status) == before + 1

    def test_a_method_that_nobody_has_makes_no_label_of_its_own(self, client):
        before = counted(counters.REQUESTS, "health", "OTHER", 405)
        client.generic("BREW", "/healthz")
        assert counted(counters.REQUESTS, "health", "OTHER", 405) == before + 1

    @pytest.mark.parametrize(("failures", "then"), [(1, "tried_again"), (2, "answered")])
    def test_a_lock_that_was_not_had(self, transactional_db, failures, then):
        left = [failures]

        @in_transaction
        def work() -> None:
            if left[0]:
                left[0] -= 1
                raise OperationalError("database is locked")

        before = counted(counters.BUSY, then)
        if failures == 1:
            work()
        else:
            with pytest.raises(DomainError) as refusal:
                work()
            assert refusal.value.code is ErrorCode.BUSY
        assert counted(counters.BUSY, then) == before + 1

    @pytest.mark.parametrize(
        ("token", "outcome"),
        [
            ("tok_visa", "captured"),
            ("tok_chargeDeclined", "declined"),
            ("tok_lost", "unavailable"),
            ("tok_currencyRefused", "refused"),
        ],
    )
    def test_a_call_of_a_gateway_counts_by_its_outcome(self, token, outcome):
        demo_shop()
        before = counted(counters.GATEWAY_CALLS, "test", "purchase", outcome)
        payments.pay_order(make_order().pk, provider="stripe", instrument=token)
        assert counted(counters.GATEWAY_CALLS, "test", "purchase", outcome) == before + 1


@pytest.mark.once
class TestSeveralProcesses:
    """Run by themselves, in a folder of their own."""

    COUNT = (
        "import os, django; django.setup()\n"
        "from common.counters import REQUESTS\n"
        "REQUESTS.labels('pages', 'GET', 200).inc(5)\n"
    )
    SUM = (
        "from prometheus_client import CollectorRegistry\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "registry = CollectorRegistry(); MultiProcessCollector(registry)\n"
        "print(registry.get_sample_value('shop_requests_total', {'door': 'pages', 'method': 'GET', 'status': '200'}))\n"
    )

    @pytest.fixture
    def run(self, tmp_path: Path):
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "checkout_project.settings_test",
            "DATA_DIR": str(tmp_path),
        }

        def run(code: str) -> str:
            command = [sys.executable, "-c", code]
            done = subprocess.run(
                command, cwd=real_settings.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            return done.stdout.strip()

        return run

    def test_one_after_the_other_go_on_in_one_file(self, run, tmp_path):
        for _ in range(2):
            run(self.COUNT)
        assert run(self.COUNT + self.SUM) == "15.0"
        assert len(list((tmp_path / "metrics").glob("*.db"))) == 1

    def test_at_once_and_after_a_fork_have_a_file_each_and_are_added_up(self, run, tmp_path):
        child = "REQUESTS.labels('pages', 'GET', 200).inc(7); os._exit(0)"
        assert run(f"{self.COUNT}\nif os.fork() == 0:\n    {child}\nos.wait()\n{self.SUM}") == "12.0"
        assert len(list((tmp_path / "metrics").glob("*.db"))) == 2


class TestReadAtThatMoment:
    def test_how_background_work_stands(self, client):
        due = timezone.now() - timedelta(minutes=5)
        OutboxEvent.objects.create(name="a", available_at=due)
        OutboxEvent.objects.create(name="b", available_at=timezone.now() + timedelta(hours=1))
        OutboxEvent.objects.create(name="c", failed_at=timezone.now())
        heartbeat("outbox.tasks.drain")
        found = shown(client)
        assert (found["shop_outbox_backlog"], found["shop_outbox_failed"]) == (1, 1)
        assert 300 <= found["shop_outbox_age_seconds"] < 400
        assert found['shop_job_age_seconds{job="outbox"}'] < 100
        assert 'shop_job_age_seconds{job="refunds"}' not in found  # never ran
        assert found['shop_job_every_seconds{job="comparison"}'] == 300

    def test_how_money_stands(self, client):
        demo_shop()
        in_review(make_order(), TOTAL + 100)
        for token in ("tok_lost", "tok_threeDSecureRequired", "tok_visa"):
            payments.pay_order(make_order().pk, provider="stripe", instrument=token)
        found = shown(client)
        assert found["shop_payments_in_doubt"] == found["shop_payments_waiting_for_shopper"] == 1
        assert found["shop_money_without_order"] == 0
        assert found['shop_needs_a_person{kind="review"}'] == 1
        assert found['shop_gauges_readable{part="payments"}'] == 1

    def test_takes_as_many_queries_for_many_rows_as_for_none(self, client):
        counts = []
        for rows in (0, 50):
            OutboxEvent.objects.bulk_create(OutboxEvent(name="a") for _ in range(rows))
            with CaptureQueriesContext(connection) as captured:
                shown(client)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_one_parts_trouble_hides_no_other(self, client, settings):
        settings.METRICS = settings.METRICS | {"broken": "tests.common.test_metrics.broken"}
        found = shown(client)
        assert found['shop_gauges_readable{part="broken"}'] == 0
        assert found['shop_gauges_readable{part="outbox"}'] == 1
        assert any(name.startswith("shop_requests_total") for name in found)


def broken() -> None:
    raise DatabaseError("password=hunter2")


def test_nothing_of_a_person_is_shown(client):
    demo_shop()
    order = make_order()
    payments.pay_order(order.pk, provider="stripe", instrument="tok_visa", client_address="203.0.113.7")
    text = client.get("/metrics").content.decode()
    assert not [word for word in (order.email, order.full_name, "203.0.113.7", "127.0.0.1", "@") if word in text]


class TestWhoMayAsk:
    @pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.5", "::1"])
    def test_this_machine(self, client, address):
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200

    @pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", ""])
    def test_nobody_else(self, client, address):
        answer = client.get("/metrics", REMOTE_ADDR=address)
        assert (answer.status_code, b"shop_" in answer.content) == (403, False)

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "X-Forwarded-Proto", "Forwarded", "Via"])
    def test_nobody_through_a_proxy_on_this_machine(self, client, header, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403

    def test_with_a_token_set_whoever_brings_it_from_anywhere(self, client, settings):
        settings.METRICS_TOKEN = "a long token"
        bearer = {"Authorization": "Bearer a long token", "X-Forwarded-For": "198.51.100.9"}
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers=bearer).status_code == 200

    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic a long token", "a long token", "Bearer é"])
    def test_and_nobody_without_it_this_machine_neither(self, client, settings, given):
        settings.METRICS_TOKEN = "a long token"
        answer = client.get("/metrics", headers={"Authorization": given} if given else {})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")

    def test_by_another_method_nobody(self, client):
        assert client.post("/metrics").status_code == 405
