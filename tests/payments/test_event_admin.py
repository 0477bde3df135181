"""The merchant's pages of gateways' events."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from outbox.models import OutboxEvent
from payments.models import GatewayEvent
from payments.states import EventStatus
from tests.admin_rows import make_event, make_order, make_payment, staff_with
from tests.dashboard.pressed import press
from tests.dashboard.ticked import ask, choose

LIST = "admin:payments_gatewayevent_changelist"


@pytest.fixture
def event(db) -> GatewayEvent:
    raw = {"id": "evt_1", "data": {"object": {"description": "<script>alert(1)</script>"}}}
    return make_event(make_payment(make_order()), raw=raw)


def listed(client, **query: str) -> list[GatewayEvent]:
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def page(client, event: GatewayEvent) -> str:
    return client.get(reverse("admin:payments_gatewayevent_change", args=[event.pk])).content.decode()


def status(event: GatewayEvent) -> str:
    event.refresh_from_db()
    return event.status


def test_the_newest_come_first(admin_client, event):
    second = make_event(event.payment, 2)
    assert listed(admin_client) == [second, event]


@pytest.mark.parametrize("term", ["evt_1", "test_ref_1"])
def test_one_is_found_by_its_id_and_by_the_payments_reference(admin_client, event, term):
    make_event(make_payment(make_order(2), 2), 2)
    assert listed(admin_client, q=term) == listed(admin_client, q=str(event.pk)) == [event]


def test_they_are_filtered_by_status_and_gateway(admin_client, event):
    other = make_event(event.payment, 2, gateway="paypal", status=EventStatus.WAITING)
    assert listed(admin_client, status__exact="waiting") == [other]
    assert listed(admin_client, gateway="stripe") == [event]


def test_its_page_shows_what_was_said_and_what_became_of_it(admin_client, event):
    html = page(admin_client, event)
    assert "The gateway was asked." in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html
    assert reverse("admin:payments_payment_change", args=[event.payment_id]) in html


def test_the_payments_page_leads_to_it(admin_client, event):
    html = admin_client.get(reverse("admin:payments_payment_change", args=[event.payment_id])).content.decode()
    assert reverse("admin:payments_gatewayevent_change", args=[event.pk]) in html


class TestReplaying:
    def test_from_its_page_asks_first_and_then_has_it_worked_on_again(self, admin_client, event):
        address = reverse("admin:payments_gatewayevent_replay", args=[event.pk])
        assert "Replay this event" in admin_client.get(address).content.decode()
        assert status(event) == EventStatus.DONE
        assert press(admin_client, event, "replay").status_code == 302
        assert status(event) == EventStatus.RECEIVED
        assert OutboxEvent.objects.get().payload == {"event": event.pk}

    def test_from_the_list_does_it_to_those_that_were_chosen(self, admin_client, event):
        others = [make_event(event.payment, number) for number in (2, 3)]
        html = choose(admin_client, "replay_selected", event, others[0])
        assert "2 events will be worked on again now." in html
        assert [status(one) for one in (event, *others)] == ["received", "received", "done"]

    def test_a_second_time_changes_nothing(self, admin_client, event):
        for _ in range(2):
            press(admin_client, event, "replay")
        assert "1 not: It was so already" in choose(admin_client, "replay_selected", event)
        assert (OutboxEvent.objects.count(), LogEntry.objects.count()) == (1, 1)

    def test_one_whose_words_are_gone_says_so(self, admin_client, event):
        GatewayEvent.objects.update(raw=None)
        assert "1 not: It is too old" in choose(admin_client, "replay_selected", event)
        assert (status(event), LogEntry.objects.count()) == (EventStatus.DONE, 0)

    def test_is_written_down_with_who_did_it(self, admin_client, event, admin_user):
        press(admin_client, event, "replay")
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (admin_user, str(event.pk))
        assert entry.get_change_message() == "Replayed. Before: done. After: received."

    def test_of_one_that_is_gone_is_not_found(self, admin_client, event):
        for odd in ("999", "9" * 30, "x"):
            address = reverse("admin:payments_gatewayevent_replay", args=[odd])
            data = {"_form_submitted": "1", "request_key": str(uuid.uuid4())}
            assert admin_client.post(address, data).status_code == 404, odd

    def test_is_not_for_staff_that_may_only_look(self, client, event):
        client.force_login(staff_with("payments.view_gatewayevent"))
        assert "/replay/" not in page(client, event)
        assert press(client, event, "replay").status_code == 403
        ask(client, "replay_selected", event)
        assert status(event) == EventStatus.DONE


def test_nobody_adds_edits_or_deletes_one(admin_client, event):
    for name, args in (("add", []), ("change", [event.pk]), ("delete", [event.pk])):
        address = reverse(f"admin:payments_gatewayevent_{name}", args=args)
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
    assert status(event) == EventStatus.DONE


def test_who_may_not_see_events_sees_them_on_no_payments_page(client, event):
    client.force_login(staff_with("payments.view_payment"))
    html = client.get(reverse("admin:payments_payment_change", args=[event.payment_id])).content.decode()
    assert "evt_1" not in html
