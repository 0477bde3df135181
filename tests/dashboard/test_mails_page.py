"""The page on which staff looks at every mail: every kind, every language, a sample or an order that is there."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse

from dashboard import mail_samples
from orders.links import token_of
from outbox.models import OutboxEvent
from recovery.models import RecoveryLink
from tests.admin_rows import staff_with
from tests.recovery.sequences import make_sequence

LANGUAGES = ("en", "de", "fr", "es", "da")
ORDER_KINDS = [name for name, _ in mail_samples._OF_ORDERS.items()]


def show(client, **chosen: object):
    return client.get(reverse("admin:dashboard_mails"), chosen)


def test_it_opens_with_the_confirmation_of_a_sample(admin_client):
    html = show(admin_client).content.decode()
    assert "Your order ORD-" in html
    assert "Organic Cotton T-Shirt" in html
    assert 'sandbox srcdoc="' in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_each_kind_is_shown_in_each_language(admin_client, kind, language):
    context = show(admin_client, kind=kind, language=language).context
    assert f'lang="{language}"' in context["html"]
    for form in (context["html"], context["text"]):
        assert "Organic Cotton T-Shirt" in form or kind == "refunded"
        assert ("$" in form) == (kind != "shipped")
        assert not re.search(r"%\(\w+\)s", form)


def test_of_an_order_that_is_there_by_number_and_by_id(admin_client, paid):
    for typed in (paid.number, str(paid.pk)):
        html = show(admin_client, order=typed).content.decode()
        assert f"Your order {paid.number}" in html
        assert "$55.97" in html


def test_the_links_of_an_order_lead_nowhere(admin_client, paid):
    for kind in ORDER_KINDS:
        assert token_of(paid) not in show(admin_client, kind=kind, order=paid.pk).content.decode()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"order": "ORD-1999-0001"}, "There is no such order."),
        ({"order": "9" * 25}, "There is no such order."),
        ({"order": "x" * 31}, "at most 30 characters"),
        ({"kind": "step-9"}, "Select a valid choice"),
        ({"kind": "nothing"}, "Select a valid choice"),
        ({"language": "tlh"}, "Select a valid choice"),
        ({"language": "../x"}, "Select a valid choice"),
    ],
)
def test_what_is_not_there_is_said(admin_client, chosen, said):
    answer = show(admin_client, **chosen)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "<iframe" not in answer.content.decode()


def test_recovery_steps_are_shown_too_in_the_language_they_have(admin_client):
    step = make_sequence(3600).steps.get()
    for language in LANGUAGES:
        answer = show(admin_client, kind=f"step-{step.pk}", language=language)
        assert "Hello Ada Lovelace," in answer.context["text"]
    step.texts.all().delete()
    assert "no text yet" in show(admin_client, kind=f"step-{step.pk}").content.decode()


def test_looking_sends_and_keeps_nothing(admin_client, paid):
    before = OutboxEvent.objects.count()
    for kind in [*ORDER_KINDS, f"step-{make_sequence(3600).steps.get().pk}"]:
        show(admin_client, kind=kind)
    assert (mail.outbox, OutboxEvent.objects.count(), RecoveryLink.objects.count()) == ([], before, 0)


def test_who_sees_no_orders_sees_no_mails(client, db):
    client.force_login(staff_with("payments.view_payment"))
    assert show(client).status_code == 403
    client.logout()
    assert show(client).status_code == 302


def test_who_sees_no_steps_is_offered_none(client, db):
    step = make_sequence(3600).steps.get()
    client.force_login(staff_with("orders.view_order"))
    html = show(client).content.decode()
    assert "Order confirmation" in html
    assert "Recovery:" not in html
    assert "Select a valid choice" in show(client, kind=f"step-{step.pk}").content.decode()


def test_it_is_only_looked_at(admin_client):
    assert admin_client.post(reverse("admin:dashboard_mails")).status_code == 405


def test_more_steps_and_lines_cost_no_more_queries(admin_client, paid, django_assert_max_num_queries):
    for number in range(3):
        make_sequence(3600, 7200, name=f"Sequence {number}")
    with django_assert_max_num_queries(14):
        show(admin_client, order=paid.pk)
