"""Settled orders and gateways' events forget whose they were when they are old, and keep every figure. Nothing else
does."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import services as orders
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments import events, refunds, retention, services, tasks
from payments.gateways.base import Outcome
from payments.models import Difference, GatewayEvent, Payment, PaymentEntry, Refund
from payments.states import EventStatus, PaymentStatus, RefundStatus
from tests.ages import before, let_a_year_pass
from tests.payments.builders import TOTAL, make_order, make_payment, said

pytestmark = pytest.mark.django_db
PERSONAL = {"person", "email", "phone", "full_name", "buyer", "user", "shipping_address", "billing_address"}
FORGOTTEN = {
    "address_line1": "", "address_line2": "", "city": "", "state": "", "postal_code": "", "country": "US",
}  # fmt: skip


def paid(order: Order) -> Order:
    payment = make_payment(order)
    services.apply_result(payment.pk, said(Outcome.CAPTURED, captured=TOTAL), heard_from="answer")
    order.refresh_from_db()
    assert order.status == OrderStatus.ACCEPTED
    return order


def figures(order: Order) -> dict[str, object]:
    order.refresh_from_db()
    rows = (order, *order.lines.all(), *order.payments.all(), *PaymentEntry.objects.all(), *Refund.objects.all())
    left_out = PERSONAL | {"customization", "instrument"}
    return {
        f"{row._meta.label} {row.pk} {field.name}": getattr(row, field.attname)
        for row in rows
        for field in row._meta.concrete_fields
        if field.name not in left_out | {"anonymised_at", "action_url", "redirect_url"}
    }


class TestASettledOrder:
    @pytest.fixture
    def settled(self, order) -> Order:
        OrderLine.objects.update(customization={"engraving": "For Ada"})
        Order.objects.update(buyer="supabase:ada", person="p" * 64)
        paid(order)
        Payment.objects.update(instrument="+4512345678", client_subject="c" * 64, card_subject="d" * 64)
        return order

    def test_loses_names_addresses_and_numbers_and_keeps_the_country(self, settled):
        let_a_year_pass()
        tasks.forget_payers()
        settled.refresh_from_db()
        assert (settled.email, settled.phone, settled.full_name, settled.buyer, settled.user) == ("", "", "", "", None)
        assert settled.shipping_address == settled.billing_address == FORGOTTEN
        assert settled.person == ""
        assert settled.anonymised_at
        payment = settled.payments.get()
        assert (payment.instrument, payment.client_subject, payment.card_subject) == ("", "", "")
        assert settled.lines.get().customization == {}

    def test_keeps_every_figure_line_and_trail(self, settled):
        let_a_year_pass()
        kept = figures(settled)
        tasks.forget_payers()
        settled.refresh_from_db()
        after = figures(settled)
        changed = {name for name in kept if kept[name] != after[name]}
        assert {name.rpartition(" ")[2] for name in changed} <= {"client_subject", "card_subject"}

    def test_an_address_without_a_country_or_none_at_all_is_no_obstacle(self, settled):
        Order.objects.update(shipping_address={}, billing_address={"city": "Paris"})
        let_a_year_pass()
        tasks.forget_payers()
        settled.refresh_from_db()
        assert settled.shipping_address == settled.billing_address == FORGOTTEN | {"country": ""}

    def test_a_day_too_young_it_keeps_them(self, settled, settings):
        settings.PERSONAL_DATA_RETENTION_DAYS = 367
        let_a_year_pass()
        tasks.forget_payers()
        settled.refresh_from_db()
        assert settled.email

    def test_a_second_run_finds_nothing(self, settled):
        let_a_year_pass()
        assert retention.anonymise_orders(before()) == 1
        assert retention.anonymise_orders(before()) == 0


class TestNothingIsForgottenOf:
    def stays(self, order: Order) -> None:
        let_a_year_pass()
        tasks.forget_payers()
        order.refresh_from_db()
        assert order.email
        assert order.anonymised_at is None

    def test_an_unpaid_order(self, order):
        self.stays(order)

    @pytest.mark.parametrize(
        "status", [PaymentStatus.PROCESSING, PaymentStatus.AUTHORIZED, PaymentStatus.REVIEW, PaymentStatus.CREATED]
    )
    def test_an_order_with_a_payment_in_doubt_held_or_in_review(self, order, status):
        paid(order)
        Payment.objects.update(status=status)
        self.stays(order)

    def test_an_accepted_order_that_is_not_wholly_paid(self, order):
        paid(order)
        Order.objects.update(captured_amount=TOTAL - 1)
        self.stays(order)

    def test_a_canceled_order_whose_money_is_still_here(self, order):
        paid(order)
        Order.objects.update(status=OrderStatus.CANCELED)
        self.stays(order)

    def test_an_order_whose_goods_are_missing(self, order):
        paid(order)
        Order.objects.update(takes_parts=True, fulfilled_at=None)
        self.stays(order)

    def test_money_that_has_yet_to_go_back(self, order):
        paid(order)
        Payment.objects.update(surplus_amount=1)
        self.stays(order)

    @pytest.mark.parametrize("status", [RefundStatus.ASKED, RefundStatus.UNKNOWN])
    def test_a_refund_nobody_knows_the_outcome_of(self, order, status):
        paid(order)
        payment = Payment.objects.get()
        Refund.objects.create(payment=payment, amount=1, status=status, idempotency_key="r", request_key="r", reason="")
        self.stays(order)

    def test_an_open_difference(self, order):
        paid(order)
        Difference.objects.create(payment=Payment.objects.get(), kind="amount", ours="1", theirs="2")
        self.stays(order)

    def test_an_order_of_whose_money_something_was_heard_lately(self, order):
        paid(order)
        let_a_year_pass()
        refunds.refund_order(order.pk, amount=100, reason="broken", request_key="k", created_by="staff")
        order.refresh_from_db()
        assert retention.anonymise_orders(before()) == 0
        assert order.email


def test_a_payment_that_moved_lately_keeps_its_order_as_it_is(order):
    """Whether or not the order itself changed by it."""
    paid(order)
    let_a_year_pass()
    Payment.objects.update(updated_at=order.created_at)
    assert retention.anonymise_orders(before()) == 0


def test_a_canceled_order_that_nothing_was_paid_of_is_forgotten(order):
    orders.cancel(order, now=order.created_at)
    let_a_year_pass()
    assert retention.anonymise_orders(before()) == 1


def test_one_that_cannot_go_keeps_none_behind_it(order):
    paid(order)
    Payment.objects.update(status=PaymentStatus.REVIEW, gateway_reference="other")
    paid(make_order())
    let_a_year_pass()
    assert retention.anonymise_orders(before(), limit=1) == 1


def test_a_batch_costs_as_many_statements_for_many_orders_as_for_few(order):
    def statements(count: int) -> int:
        for _ in range(count):
            paid(make_order())
            Payment.objects.update(gateway_reference="")
        let_a_year_pass()
        with CaptureQueriesContext(connection) as caught:
            assert retention.anonymise_orders(before()) == count
        return len(caught)

    assert statements(1) == statements(5)


class TestGatewayEvents:
    def make(self, number: int, status: EventStatus, payment: Payment | None = None) -> GatewayEvent:
        return GatewayEvent.objects.create(
            gateway="stripe", event_id=f"evt_{number}", type="x", status=status, payment=payment,
            raw={"email": "ada@example.com"}, created_at="2020-01-01T00:00Z",
        )  # fmt: skip

    def test_lose_what_they_said_once_they_are_worked_on_and_old(self, order):
        for number, status in enumerate(EventStatus):
            self.make(number, status)
        let_a_year_pass()
        tasks.forget_payers()
        assert set(GatewayEvent.objects.filter(raw__isnull=True).values_list("status", flat=True)) == {
            "done",
            "ignored",
        }
        assert GatewayEvent.objects.filter(raw__isnull=False).count() == 2

    def test_keep_it_while_their_payment_is_with_a_person(self, order):
        payment = make_payment(order)
        Payment.objects.update(status=PaymentStatus.REVIEW)
        self.make(1, EventStatus.DONE, payment)
        let_a_year_pass()
        assert retention.empty_events(before()) == 0

    def test_the_same_event_told_again_is_still_known_and_the_emptied_one_is_not_replayed(self, order):
        event = self.make(1, EventStatus.DONE)
        let_a_year_pass()
        tasks.forget_payers()
        assert events.replay([event.pk]) == 0
        event.refresh_from_db()
        assert event.status == EventStatus.DONE
