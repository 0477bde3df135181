"""/healthz answers while the process lives; /readyz only when database, queue and jobs do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from common import health
from outbox.jobs import heartbeat
from outbox.kick import DRAIN
from outbox.models import JobRun


def test_healthz_answers_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_healthz_is_read_only(client):
    assert client.post("/healthz").status_code == 405


@pytest.fixture
def _all_jobs_ran(db):
    from checkout_project.schedule import JOBS

    for job in JOBS.values():
        heartbeat(job.task)


@pytest.mark.usefixtures("_all_jobs_ran")
def test_readyz_is_ok_when_every_job_has_run(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()["checks"]) == {"database", "queue", "jobs"}
    assert answer.json()["checks"]["jobs"]["detail"]["outbox"]["last_success"]


@pytest.mark.django_db
def test_readyz_refuses_before_the_worker_has_looked(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["database"]["ok"] is True
    assert answer.json()["checks"]["queue"]["ok"] is False
    assert answer.json()["checks"]["jobs"]["detail"]["outbox"]["overdue"] is True


@pytest.mark.usefixtures("_all_jobs_ran")
def test_readyz_refuses_when_the_worker_has_not_looked_for_a_while(client):
    JobRun.objects.filter(name=DRAIN).update(succeeded_at=timezone.now() - timedelta(minutes=2))
    assert client.get("/readyz").status_code == 503


@pytest.mark.usefixtures("_all_jobs_ran")
def test_readyz_refuses_without_a_database_and_keeps_the_text_of_the_error_to_itself(client, monkeypatch):
    def broken() -> dict[str, object]:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(health, "database", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "error": "DatabaseError", "detail": {}}
    assert b"hunter2" not in answer.content
