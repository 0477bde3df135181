"""The demo's ninety days: what they say of the recovery mails is true of their rows, and nothing is left to be done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics import checking, counting, refused
from analytics import rows as rows_behind
from carts.models import Cart, Identity, Refusal
from carts.states import BOUGHT, CartStatus
from checkouts.models import Checkout
from checkouts.states import LIVE
from dashboard.home import days
from demo import catalog, history, recovery
from demo.past import mailing, mails, stories
from orders.fulfilment import TO_BE_SENT
from orders.models import Order
from payments.gateways import registry
from payments.models import Payment
from recovery import detection, enrolment, quiet, sending
from recovery.models import Click, Enrolment, Holdout, Message, RecoveryLink, Sequence, Suppression
from recovery.states import Outcome, Reason

pytestmark = pytest.mark.django_db
SENT = (Outcome.SENT, Outcome.FAILED)


@pytest.fixture(scope="module")
def statements(django_db_setup, django_db_blocker):
    """The history, loaded once for all of these tests; how many statements that took."""
    with django_db_blocker.unblock(), transaction.atomic():
        catalog.load()
        recovery.load()
        with CaptureQueriesContext(connection) as queries:
            history.load()
        yield len(queries)
        transaction.set_rollback(True)


@pytest.fixture
def past(statements, db) -> None:
    """The history; what a test adds to it is taken back."""


def of_persons(*fields: str, **chosen: object) -> dict[str, list]:
    """{person: the values of their mails, oldest first}"""
    found: dict[str, list] = {}
    rows = Message.objects.filter(**chosen).order_by("decided_at").values_list("person", *fields)
    for person, *values in rows:
        found.setdefault(person, []).append(values[0] if len(values) == 1 else values)
    return found


# --- the figures ----------------------------------------------------------------------------------
def test_every_figure_is_what_plain_sql_says_counted_or_kept(past):
    assert (checking.check_recovery_figures(), checking.check_kept_figures()) == (0, 0)
    assert counting.count_closed_days() > 80
    assert (counting.check_counted_days(), checking.check_kept_figures()) == (0, 0)


def test_the_merchant_sees_what_mails_brought_and_opens_exactly_these_rows(past, admin_client):
    answer = admin_client.get("/admin/")
    cards = {card.title: card.lines for card in answer.context["cards"]}
    for title in ("Recovered directly", "Recovered, assisted"):
        assert int(cards[title][0].value) > 10
    extra = re.fullmatch(
        r"\+([\d.]+) purchases \(95 %: \+([\d.]+) to \+([\d.]+)\)", cards["Added by the mails"][0].value
    )
    assert extra is not None
    assert 0 < float(extra[2]) < float(extra[1]) < float(extra[3])
    for line in (line for lines in cards.values() for line in lines if line.address):
        if (number := line.value.replace(",", "")).isdigit():
            assert admin_client.get(line.address).context["cl"].result_count == int(number) > 0, line
    (steps,) = (chart for chart in answer.context["charts"] if chart.title == "Carts won back by step")
    assert len(steps.rows) == len(mails.DELAYS)
    assert all(int(row.figure) > 0 for row in steps.rows)


def test_what_shoppers_were_refused_is_seen_and_opens_exactly_these_carts(past, admin_client):
    period = days.chosen({"days": "90"}).period
    found = {each.kind: each for each in refused.counted(period)}
    assert set(found) == {Refusal.Kind.DISCOUNT, Refusal.Kind.STOCK}
    for kind, each in found.items():
        listed = admin_client.get(rows_behind.refused(period, kind)).context["cl"]
        unbought = admin_client.get(rows_behind.refused(period, kind, are_unbought=True)).context["cl"]
        assert listed.result_count == each.carts
        assert 3 < unbought.result_count <= each.carts
    assert not Refusal.objects.filter(last_at__gte=F("cart__bought_at")).exists()


def test_why_a_mail_was_not_sent_has_many_answers(past, admin_client):
    answer = admin_client.get("/admin/recovery/message/")
    lines = {(line.outcome, line.reason): line.count for line, _ in answer.context_data["lines"]}
    assert lines[Outcome.SENT, ""] > 500
    reasons = {reason for _, reason in lines}
    assert reasons >= {Reason.HOLDOUT, Reason.PURCHASED, Reason.CAPPED, Reason.CAME_BACK, Reason.NEWER_CART}
    assert reasons >= {Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.CONDITION}
    assert answer.context_data["never"] > 50


# --- nothing is left to be done -------------------------------------------------------------------
def test_the_worker_has_nothing_to_do_for_it(past):
    assert not Enrolment.objects.filter(ended_at__isnull=True).exists()
    assert not Message.objects.filter(outcome__in=(Outcome.WAITING, Outcome.HANDING_OVER)).exists()
    assert not Checkout.objects.filter(status__in=LIVE).exists()
    rows = Message.objects.count()
    assert detection.mark_abandoned() == 0
    assert (enrolment.enrol(now=timezone.now()), sending.send_due()) == (0, 0)
    later = timezone.now() + timedelta(days=9)
    assert (enrolment.enrol(now=later), sending.send_due(clock=lambda: later)) == (0, 0)
    assert (Message.objects.count(), mail.outbox) == (rows, [])


def test_its_sequence_is_off_and_the_demos_own_has_sent_nothing(past):
    own, before = Sequence.objects.all()
    assert (own.name, before.name) == (recovery.NAME, mails.NAME)
    assert own.is_active
    assert not before.is_active
    assert not before.steps.filter(is_active=True).exists()
    assert not own.enrolments.exists()
    switched_off_at = timezone.now() - timedelta(hours=60)
    assert Message.objects.latest("decided_at").decided_at < switched_off_at
    assert Enrolment.objects.latest("created_at").created_at < switched_off_at
    assert Enrolment.objects.latest("ended_at").ended_at < timezone.now()


# --- it agrees with itself ------------------------------------------------------------------------
def test_no_mail_breaks_a_rule_of_the_engine(past):
    sent = Message.objects.filter(outcome__in=SENT).select_related("enrolment__cart", "step")
    assert sent.count() > 3000
    assert not sent.filter(enrolment__is_held_out=True).exists()
    assert not sent.filter(enrolment__cart__bought_at__lte=F("decided_at")).exists()
    first = sent.earliest("decided_at").step.sequence.steps.first()
    for message in sent:
        waited = message.decided_at - message.enrolment.spell_at
        assert waited >= timedelta(seconds=message.step.delay_seconds), message
        if message.step != first:
            continue
        country = message.enrolment.cart.checkouts.earliest("pk").shipping_address.get("country", "")
        assert quiet.ends_at(message.decided_at, (21, 8), quiet.zones_of(country)) is None, message


def test_nobody_is_written_to_too_often_or_after_they_bought_or_objected(past):
    bought: dict[str, list[datetime]] = {}
    for person, at in Order.objects.values_list("person", "accepted_at"):
        bought.setdefault(person, []).append(at)
    objected = dict(Suppression.objects.values_list("person", "created_at"))
    assert len(objected) > 50
    for person, moments in of_persons("decided_at", outcome__in=SENT).items():
        assert all(later - earlier >= timedelta(hours=20) for earlier, later in pairwise(moments))
        assert person not in objected or moments[-1] < objected[person]
    for person, rows in of_persons("decided_at", "enrolment__spell_at", outcome__in=SENT).items():
        for at, spell_at in rows:
            assert not any(spell_at < purchase <= at for purchase in bought.get(person, []))


def test_what_is_recovered_was_abandoned_before_and_all_times_are_in_order(past):
    carts = Cart.objects.all()
    assert not carts.filter(status=CartStatus.RECOVERED, first_abandoned_at__isnull=True).exists()
    assert not carts.filter(status=CartStatus.CONVERTED, first_abandoned_at__isnull=False).exists()
    assert not carts.filter(bought_at__lte=F("abandoned_at")).exists()
    assert not carts.filter(abandoned_at__lt=F("first_abandoned_at")).exists()
    assert set(carts.values_list("status", flat=True)) == set(CartStatus)
    assert carts.filter(status__in=BOUGHT).count() == Order.objects.filter(accepted_at=F("cart__bought_at")).count()
    assert not Enrolment.objects.exclude(ended_at__gte=F("created_at")).exists()
    assert not Enrolment.objects.exclude(cart__first_abandoned_at__lte=F("spell_at")).exists()
    assert not RecoveryLink.objects.exclude(created_at=F("message__decided_at")).exists()
    clicks = Click.objects.all()
    assert clicks.filter(at__gt=F("link__created_at"), checkout__created_at=F("at")).count() == clicks.count() > 200
    now = timezone.now()
    for moment in ("bought_at", "last_activity_at", "updated_at", "abandoned_at"):
        assert not carts.filter(**{f"{moment}__gt": now}).exists(), moment


def test_a_handful_of_orders_is_late_and_none_for_long(past):
    now, to_be_sent = timezone.now(), Order.objects.filter(TO_BE_SENT)
    late = to_be_sent.filter(accepted_at__lt=now - timedelta(days=1))
    assert 1 <= late.count() <= 10
    assert late.count() < to_be_sent.count() < 50
    assert not to_be_sent.filter(accepted_at__lt=now - timedelta(days=2)).exists()


def test_nothing_was_sent_to_its_buyer_tomorrow(past):
    assert Order.objects.filter(shipped_at__isnull=True).exists()
    assert not Order.objects.filter(shipped_at__gt=timezone.now()).exists()


def test_what_was_paid_can_be_paid_back(past):
    payment = Payment.objects.latest("pk")
    result = registry.gateway(payment.gateway).refund(payment.gateway_reference, amount=100, key="half back")
    assert (result.captured_amount, result.refunded_amount) == (payment.captured_amount, 100)


def test_people_are_drawn_once_and_known_by_their_last_purchase(past):
    assert not Enrolment.objects.exclude(drawn_percent=mailing.HELD_OUT_PERCENT).exists()
    drawn = dict(Holdout.objects.values_list("person", "is_held_out"))
    assert set(Enrolment.objects.values_list("person", "is_held_out")) == set(drawn.items())
    last: dict[str, datetime] = {}
    for person, at in Order.objects.order_by("accepted_at").values_list("person", "accepted_at"):
        last[person] = at
    assert {key: at for key, at in Identity.objects.values_list("key", "bought_at") if at} == last


# --- it is quick, and the same each time ----------------------------------------------------------
def test_it_is_written_in_bulk(past, statements):
    assert Message.objects.count() > 4000
    assert statements < 600


def test_it_is_the_same_each_time(past):
    now = timezone.now()

    def told() -> list[tuple]:
        found, past = stories.tell(now), mails.begin(now, stories.CURRENCY)
        past.play(found, now)
        of_mails = [(message.person, message.decided_at, message.reason) for message in past.messages]
        return [(story.number, story.at, story.buys_at) for story in found] + of_mails

    assert told() == told()


def test_a_shop_that_has_carts_is_left_alone(past):
    before = Cart.objects.count(), Sequence.objects.count()
    history.load()
    assert (Cart.objects.count(), Sequence.objects.count()) == before
