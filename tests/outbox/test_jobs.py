"""Scheduled jobs: each run is written down, and a job does not run beside itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import jobs, tasks
from outbox.models import JobRun

pytestmark = pytest.mark.django_db


def test_a_run_records_its_start_and_finish():
    assert jobs.run_recorded("sweep", lambda: 7) == 7
    run = JobRun.objects.get(name="sweep")
    assert run.started_at <= run.finished_at == run.succeeded_at
    assert (run.error, run.leased_until) == ("", None)


def test_a_failing_run_records_its_error_and_keeps_the_last_success():
    jobs.run_recorded("sweep", lambda: None)
    succeeded_at = JobRun.objects.get().succeeded_at
    with pytest.raises(ZeroDivisionError):
        jobs.run_recorded("sweep", lambda: 1 // 0)
    run = JobRun.objects.get()
    assert run.error.startswith("ZeroDivisionError")
    assert run.succeeded_at == succeeded_at
    assert run.leased_until is None


def test_a_success_clears_the_error():
    with pytest.raises(ZeroDivisionError):
        jobs.run_recorded("sweep", lambda: 1 // 0)
    jobs.run_recorded("sweep", lambda: None)
    assert JobRun.objects.get().error == ""


def test_a_job_does_not_start_while_it_runs():
    inner: list[object] = []
    jobs.run_recorded("sweep", lambda: inner.append(jobs.run_recorded("sweep", lambda: "ran twice")))
    assert inner == [None]


def test_a_job_whose_process_died_starts_again_after_its_lease():
    JobRun.objects.create(name="sweep", leased_until=timezone.now() - timedelta(seconds=1))
    assert jobs.run_recorded("sweep", lambda: "ran") == "ran"


def test_the_decorator_makes_a_task_named_after_the_function():
    @jobs.scheduled_job
    def tidy() -> str:
        return "tidied"

    assert tidy() == "tidied"
    assert JobRun.objects.get().name == tidy.name == f"{__name__}.tidy"


def test_the_drain_leaves_a_sign_of_life_now_and_then(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(tasks, "_next_beat", 0.0)
    tasks.drain()
    assert JobRun.objects.get(name=tasks.DRAIN).succeeded_at
    with django_assert_max_num_queries(1):
        tasks.drain()


def test_a_job_that_has_not_run_for_a_year_is_forgotten():
    jobs.run_recorded("old", lambda: None)
    JobRun.objects.update(finished_at=timezone.now() - timedelta(days=366))
    jobs.run_recorded("sweep", lambda: None)
    tasks.purge_done_events()
    assert set(JobRun.objects.values_list("name", flat=True)) == {"sweep", "outbox.tasks.purge_done_events"}
