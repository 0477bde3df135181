"""Background work in the dashboard: the schedule, jobs run before their turn, outbox events run again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from html import unescape

import pytest
from celery import current_app
from django.utils import timezone

from checkout_project.schedule import JOBS
from outbox import delivery, jobs
from outbox.models import JobRun, OutboxEvent
from tests.admin_rows import staff_with
from tests.dashboard.pressed import after, has_button, noted, page, press
from tests.dashboard.ticked import ask, choose

LIST, RUN = "/admin/outbox/jobrun/", "/admin/outbox/jobrun/run/"
JOB, TASK = "decline-marks", "payments.tasks.purge_decline_marks"


def want(client, job: str = JOB, token: str = ""):
    return client.post(f"{RUN}?job={job}", {"request_key": token or str(uuid.uuid4())}, follow=True)


def line_of(client, job: str = JOB):
    return next(turn for turn in client.get(LIST).context["turns"] if turn.name == job)


def deliver() -> None:
    for event in delivery.claim():
        assert delivery.deliver(event), event.last_error


class TestTheSchedule:
    def test_lists_every_job_also_those_that_never_ran(self, admin_client, db):
        assert [turn.name for turn in admin_client.get(LIST).context["turns"]] == list(JOBS)
        line = line_of(admin_client)
        assert (line.outcome, line.next_at) == ("never run", None)

    def test_says_of_each_job_what_it_does_in_a_few_words(self, admin_client, db):
        html = unescape(admin_client.get(LIST).content.decode())
        for turn in admin_client.get(LIST).context["turns"]:
            assert 10 < len(turn.does) < 50, turn.name
            assert turn.does in html

    def test_says_when_in_a_word_or_two(self, admin_client, db, time_machine):
        time_machine.move_to("2026-03-18T12:00:00+00:00", tick=False)
        JobRun.objects.create(name=TASK, started_at=timezone.now() - timedelta(minutes=20))
        html = admin_client.get(LIST).content.decode()
        assert "20 min. ago</time>" in html
        assert "in 40 min.</time>" in html

    def test_says_how_the_last_run_went_and_when_the_next_one_is(self, admin_client, db):
        jobs.run_recorded(TASK, lambda: 1)
        line = line_of(admin_client)
        run = JobRun.objects.get(name=TASK)
        assert (line.outcome, line.next_at) == ("well", run.started_at + timedelta(hours=1))
        with pytest.raises(ZeroDivisionError):
            jobs.run_recorded(TASK, lambda: 1 // 0)
        assert line_of(admin_client).outcome.startswith("failed: ZeroDivisionError")
        JobRun.objects.update(error="", finished_at=timezone.now() - timedelta(hours=3), started_at=timezone.now())
        assert line_of(admin_client).outcome == "running"

    def test_an_overdue_one_is_due_now(self, admin_client, db):
        JobRun.objects.create(name=TASK, started_at=timezone.now() - timedelta(days=1))
        assert line_of(admin_client).next_at is None

    def test_takes_as_many_queries_however_many_have_run(self, admin_client, db, django_assert_max_num_queries):
        for job in JOBS.values():
            JobRun.objects.create(name=job.task, started_at=timezone.now())
        admin_client.get(LIST)
        with django_assert_max_num_queries(9):
            admin_client.get(LIST)


class TestRunningAJobNow:
    def test_asks_first(self, admin_client, db):
        assert f"Run {JOB} now" in admin_client.get(f"{RUN}?job={JOB}").content.decode()
        assert OutboxEvent.objects.count() == 0

    def test_a_worker_runs_it(self, admin_client, db):
        assert "will be run by a worker" in want(admin_client).content.decode()
        deliver()
        assert JobRun.objects.get(name=TASK).succeeded_at

    @pytest.mark.parametrize("token", ["", "6f2b6bd4-40a3-4f5e-9a53-5c1d64a7a5d1"])
    def test_wanted_twice_it_runs_once(self, admin_client, db, token):
        want(admin_client, token=token)
        assert "waits to be run already" in want(admin_client, token=token).content.decode()
        assert (OutboxEvent.objects.count(), noted()) == (1, ["Wanted it run now."])

    def test_the_same_press_after_it_ran_does_not_run_it_again(self, admin_client, db):
        token = str(uuid.uuid4())
        want(admin_client, token=token)
        deliver()
        want(admin_client, token=token)
        assert OutboxEvent.objects.count() == len(noted()) == 1
        want(admin_client)
        assert OutboxEvent.objects.count() == 2

    def test_one_that_fails_says_so_and_is_not_tried_again(self, admin_client, db, monkeypatch):
        def fails():
            return jobs.run_recorded(TASK, lambda: 1 // 0)

        monkeypatch.setattr(current_app.tasks[TASK], "run", fails)
        want(admin_client)
        deliver()
        assert "ZeroDivisionError" in line_of(admin_client).outcome
        assert OutboxEvent.objects.get().done_at

    def test_who_wanted_it_is_in_its_history(self, admin_client, admin_user, db):
        want(admin_client)
        html = admin_client.get(f"{LIST}{JobRun.objects.get(name=TASK).pk}/history/").content.decode()
        assert "Wanted it run now." in html

    @pytest.mark.parametrize("job", ["", "nonsense", TASK, "outbox", "a\0b"])
    def test_what_is_no_such_job_is_said(self, admin_client, db, job):
        assert "There is no such job" in admin_client.get(RUN, {"job": job}).content.decode()
        answer = admin_client.post(f"{RUN}?job={job}", {"request_key": str(uuid.uuid4())}, follow=True)
        assert "There is no such job" in answer.content.decode()
        assert OutboxEvent.objects.count() == 0

    def test_a_press_without_its_token_is_asked_once_more(self, admin_client, db):
        answer = admin_client.post(f"{RUN}?job={JOB}", {"request_key": "x"})
        assert "press once more" in answer.content.decode()
        assert OutboxEvent.objects.count() == 0

    def test_is_the_owners_alone(self, client, member):
        client.force_login(member("manager"))
        assert RUN not in client.get(LIST).content.decode()
        assert client.get(f"{RUN}?job={JOB}").status_code == want(client).status_code == 403
        client.force_login(member("owner"))
        assert "will be run by a worker" in want(client).content.decode()

    def test_another_method_is_refused(self, admin_client, db):
        assert admin_client.put(f"{RUN}?job={JOB}").status_code == 405


class TestOutboxEvents:
    @pytest.fixture
    def failed(self, db) -> OutboxEvent:
        return OutboxEvent.objects.create(name="order.accepted", key="k", failed_at=timezone.now(), attempts=20)

    def test_a_failed_one_is_run_again_from_the_list_once(self, admin_client, failed):
        assert "1 event will be run now." in choose(admin_client, "run_again_selected", failed)
        assert "1 not: It was so already" in choose(admin_client, "run_again_selected", failed)
        failed.refresh_from_db()
        assert (failed.failed_at, failed.attempts) == (None, 0)
        assert noted() == ["Run again. Before: failed after 20. After: due now."]

    def test_and_from_its_page(self, admin_client, failed):
        assert "It will be run now." in after(admin_client, failed, "run_again")
        assert "nothing has changed" in after(admin_client, failed, "run_again")
        assert len(noted()) == 1

    def test_one_that_waits_for_its_next_attempt_need_not_wait(self, admin_client, failed):
        OutboxEvent.objects.update(failed_at=None, attempts=3, available_at=timezone.now() + timedelta(hours=1))
        choose(admin_client, "run_again_selected", failed)
        failed.refresh_from_db()
        assert failed.available_at <= timezone.now()
        assert failed.attempts == 3

    def test_one_that_is_being_handled_is_left_alone(self, admin_client, failed):
        soon = timezone.now() + timedelta(minutes=1)
        OutboxEvent.objects.update(failed_at=None, claimed_until=soon, available_at=soon)
        assert "1 not: It was so already" in choose(admin_client, "run_again_selected", failed)

    def test_one_that_is_done_is_not_done_again(self, admin_client, failed):
        OutboxEvent.objects.update(failed_at=None, done_at=timezone.now())
        assert "1 not: It is done" in choose(admin_client, "run_again_selected", failed)
        assert not has_button(page(admin_client, failed), failed, "run_again")
        assert noted() == []

    def test_who_may_only_look_runs_nothing(self, client, failed):
        client.force_login(staff_with("outbox.view_outboxevent"))
        assert not has_button(page(client, failed), failed, "run_again")
        assert press(client, failed, "run_again").status_code == 403
        ask(client, "run_again_selected", failed)
        failed.refresh_from_db()
        assert failed.failed_at is not None
