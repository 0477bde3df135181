"""What is read for a timeline, a query each: who may see it, where its moments are, and how a row is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.text import capfirst

from carts.models import Cart, CartLine, Refusal
from catalog.models import Reservation
from catalog.states import ReservationStatus
from common import moments
from common.admin import begins_with
from common.templatetags.shop import money
from dashboard import refused
from dashboard.story import May, Story, facts
from dashboard.timeline import PAGE, Entry, Key, Kind, Page, Source, assemble, older_than, today
from orders.fulfilment import CONFIRMATION_WANTED_EVENT, SHIPPED_EVENT
from orders.services import ACCEPTED_EVENT
from outbox.models import OutboxEvent
from payments import words
from payments.cancellation import TAKEN_BACK_EVENT
from payments.failure_news import FAILED_EVENT, IN_REVIEW_EVENT
from payments.gateways.registry import GATEWAY_NAMES
from payments.models import Difference, GatewayEvent, PaymentEntry, PaymentLink, Refund
from payments.refund_news import REFUNDED_EVENT
from payments.states import RefundStatus
from payments.sums import PART_PAID_EVENT
from recovery import report
from recovery.models import Click, Enrolment, Message

Told = tuple[str, str]  # title, detail


@dataclass(frozen=True)
class Read:
    """`permission`: "" where `rows` asks for it. `rows`: all of a story's, in any order. `at`: their column of moments.
    `tell`: one row's title and detail."""

    source: Source
    kind: Kind
    permission: str
    at: str
    rows: Callable[[Story, May], QuerySet[Any]]
    tell: Callable[[Any], Told]
    page: str = ""


def timeline(story: Story, may: May, *, before: Key | None = None, size: int = PAGE) -> Page:
    """As far as who looks may see it. One query a source at most."""
    found = [*facts(story, may)]
    for read in READ:
        if not read.permission or may(read.permission):
            found += _read(read, story, may, before, size)
    return assemble(found, before=before, size=size)


def _read(read: Read, story: Story, may: May, before: Key | None, size: int) -> list[Entry]:
    rows = read.rows(story, may).filter(older_than(before, source=read.source, at=read.at))
    return [_entry(read, row) for row in rows.order_by(f"-{read.at}", "-pk")[: size + 1]]


def _entry(read: Read, row: Any) -> Entry:
    title, detail = read.tell(row)
    page = (read.page, row.pk) if read.page else None
    return Entry(getattr(row, read.at), read.source, row.pk, read.kind, title, detail, page)


# --- the shopper, and what is held for them -------------------------------------------------------
def _lines(story: Story, may: May) -> QuerySet[CartLine]:  # noqa: ARG001 - every source is asked alike
    return CartLine.objects.filter(cart__in=story.carts).select_related("variant__product")


def _tell_line(line: CartLine) -> Told:
    return f"Put into the cart: {line.variant.product.name}", today(f"{line.quantity} of {line.variant.name}")


def _refusals(story: Story, may: May) -> QuerySet[Refusal]:  # noqa: ARG001
    return Refusal.objects.filter(cart__in=story.carts)


def _tell_refusal(refusal: Refusal) -> Told:
    return f"Refused {refused.words(refusal)}", today(refused.again(refusal))


def _holds(story: Story, may: May) -> QuerySet[Reservation]:  # noqa: ARG001
    return Reservation.objects.filter(holder__in=story.sources).select_related("stock__variant__product")


def _tell_hold(hold: Reservation) -> Told:
    variant = hold.stock.variant
    stands = today(f"{hold.quantity}, {_HELD[ReservationStatus(hold.status)]}")
    return f"Held for the shopper: {variant.product.name}, {variant.name}", stands


_HELD = {
    ReservationStatus.HELD: "still held",
    ReservationStatus.COMMITTED: "bought, off the shelf",
    ReservationStatus.RELEASED: "not held any more, on the shelf",
}


def _clicks(story: Story, may: May) -> QuerySet[Click]:  # noqa: ARG001
    return Click.objects.filter(link__cart__in=story.carts)


def _tell_click(click: Click) -> Told:
    return "Came back by a recovery mail", f"to checkout {click.checkout_id}" if click.checkout_id else ""


# --- money ----------------------------------------------------------------------------------------
def _entries(story: Story, may: May) -> QuerySet[PaymentEntry]:  # noqa: ARG001
    return PaymentEntry.objects.filter(payment__in=story.payments).select_related("payment")


def _tell_entry(entry: PaymentEntry) -> Told:
    stays = entry.status_before == entry.status_after
    moved = f"stays {entry.status_after}" if stays else f"{entry.status_before} to {entry.status_after}"
    raw = f"{entry.heard_from}: {entry.outcome}, {moved}"
    sums = [f"captured {money(entry.captured_amount, entry.payment.currency)}"] if entry.captured_amount else []
    sums += [f"refunded {money(entry.refunded_amount, entry.payment.currency)}"] if entry.refunded_amount else []
    whose = words.at_whose_word(entry).capitalize()
    title = f"Payment #{entry.payment_id}: {words.of_entry(entry)}"
    return title, ". ".join(filter(None, [whose, entry.note.rstrip("."), f"({'; '.join([raw, *sums])})"]))


def _gateway_events(story: Story, may: May) -> QuerySet[GatewayEvent]:  # noqa: ARG001
    return GatewayEvent.objects.filter(payment__in=story.payments).defer("raw")


def _tell_gateway_event(event: GatewayEvent) -> Told:
    title = f"{capfirst(GATEWAY_NAMES.get(event.gateway, event.gateway))} told: {words.of_event(event.type)}"
    stands = today(": ".join(filter(None, [event.status, event.outcome])))
    return title, f"{event.type}. {stands}"


def _refunds(story: Story, may: May) -> QuerySet[Refund]:  # noqa: ARG001
    return Refund.objects.filter(payment__in=story.payments).select_related("payment")


def _tell_refund(refund: Refund) -> Told:
    by = f", by {refund.created_by}" if refund.created_by else ""
    title = f"Refund of {money(refund.amount, refund.payment.currency)} from payment #{refund.payment_id}{by}"
    stands = today(_REFUNDED[RefundStatus(refund.status)])
    return title, ". ".join(filter(None, [refund.reason.rstrip("."), stands, refund.message]))


_REFUNDED = {
    RefundStatus.ASKED: "asked for, not yet confirmed",
    RefundStatus.DONE: "it went back",
    RefundStatus.REFUSED: "refused, it did not go back",
    RefundStatus.UNKNOWN: "nobody knows whether it went back",
}


def _links(story: Story, may: May) -> QuerySet[PaymentLink]:  # noqa: ARG001
    return PaymentLink.objects.filter(owner__in=story.link_owners)


def _tell_link(link: PaymentLink) -> Told:
    by = f" by {link.created_by}" if link.created_by else ""
    ended = f"Ended {moments.written(link.ended_at)}" if link.ended_at else ""
    return f"Payment link for {money(link.amount, link.currency)} made{by}", ended


def _differences(story: Story, may: May) -> QuerySet[Difference]:  # noqa: ARG001
    return Difference.objects.filter(payment__in=story.payments)


def _tell_difference(difference: Difference) -> Told:
    by = difference.settled_by or "the next comparison"
    settled = f"settled {moments.written(difference.settled_at)} by {by}" if difference.settled_at else "open"
    sides = f"{difference.ours} here, {difference.theirs} at the gateway"
    return f"Difference to the gateway's books found: {difference.kind}", today(f"{sides}; {settled}")


# --- what was written to the shopper, and why not -------------------------------------------------
_MAILS = {
    ACCEPTED_EVENT: "Order confirmation",
    CONFIRMATION_WANTED_EVENT: "Order confirmation once more",
    SHIPPED_EVENT: "Mail that it is on its way",
    PART_PAID_EVENT: "Mail that a part is paid",
    FAILED_EVENT: "Mail that a payment failed",
    IN_REVIEW_EVENT: "Mail that we look at a payment",
    REFUNDED_EVENT: "Mail that money went back",
    TAKEN_BACK_EVENT: "Mail that it is canceled",
}
_ONCE = {ACCEPTED_EVENT, SHIPPED_EVENT, TAKEN_BACK_EVENT}  # in an order's life


def _mails(story: Story, may: May) -> QuerySet[OutboxEvent]:  # noqa: ARG001
    """Those of the last thirty days after they were sent: as long as the outbox keeps them. Each at the moment it was
    settled; one that waits, at the moment from which it does."""
    keys = [f"{name}:{order.pk}" for order in story.orders for name in _ONCE]
    found = Q(key__in=keys)
    for order in story.orders:
        for name in _MAILS.keys() - _ONCE:
            found |= begins_with("key", f"{name}:{order.pk}:")
    return OutboxEvent.objects.filter(found).annotate(told_at=Coalesce("done_at", "failed_at", "created_at"))


def _tell_mail(event: OutboxEvent) -> Told:
    if event.done_at:
        return f"{_MAILS[event.name]}: {event.outcome or 'done'}", ""
    if event.failed_at:
        return f"{_MAILS[event.name]}: given up", event.last_error
    return f"{_MAILS[event.name]}: to be sent", today(": ".join(filter(None, ["still waiting", event.last_error])))


def _messages(story: Story, may: May) -> QuerySet[Message]:  # noqa: ARG001
    """Each at the moment of its outcome."""
    found = Message.objects.filter(enrolment__cart__in=story.carts)
    return found.annotate(told_at=Coalesce("finished_at", "decided_at"))


def _tell_message(message: Message) -> Told:
    why = str(message.get_reason_display()) if message.reason else message.error
    return f"Recovery mail: {message.get_outcome_display()}".rstrip(), why or message.subject


def _enrolments(story: Story, may: May) -> QuerySet[Enrolment]:  # noqa: ARG001
    return Enrolment.objects.filter(cart__in=story.carts).select_related("sequence")


def _tell_enrolment(enrolment: Enrolment) -> Told:
    group = "in the control group: no mails" if enrolment.is_held_out else "to be reminded"
    why = enrolment.get_ended_because_display() or "no step is left"
    ended = f"Ended {moments.written(enrolment.ended_at)}: {why}" if enrolment.ended_at else ""
    return f"In the sequence {enrolment.sequence}, {group}", ended


def _in_no_sequence(story: Story, may: May) -> QuerySet[Cart]:  # noqa: ARG001
    return report.in_no_sequence(Cart.objects.filter(pk__in=[cart.pk for cart in story.carts]))


def _tell_in_no_sequence(cart: Cart) -> Told:
    return "In no sequence: no recovery mail", report.why_in_none(cart)


# --- staff ----------------------------------------------------------------------------------------
def _acts(story: Story, may: May) -> QuerySet[LogEntry]:
    """On the records that who looks may see."""
    records: list[tuple[str, list[Model]]] = [
        ("carts.view_cart", [*story.carts]),
        ("checkouts.view_checkout", [*story.checkouts]),
        ("orders.view_order", [*story.orders]),
        ("payments.view_payment", [*story.payments]),
    ]
    found = Q(pk__in=[])
    for permission, rows in records:
        if rows and may(permission):
            kind = ContentType.objects.get_for_model(rows[0])
            found |= Q(content_type=kind, object_id__in=[str(row.pk) for row in rows])
    return LogEntry.objects.filter(found).select_related("user")


def _tell_act(act: LogEntry) -> Told:
    return f"{act.user.get_username()}: {act.object_repr}", act.get_change_message()


READ = (
    Read(Source.LINE, Kind.SHOPPER, "carts.view_cart", "created_at", _lines, _tell_line),
    Read(Source.REFUSAL, Kind.SHOPPER, "carts.view_cart", "first_at", _refusals, _tell_refusal),
    Read(Source.HOLD, Kind.HOLD, "catalog.view_reservation", "created_at", _holds, _tell_hold, "catalog_reservation"),
    Read(Source.ANSWER, Kind.GATEWAY, "payments.view_paymententry", "at", _entries, _tell_entry),
    Read(
        *(Source.GATEWAY_EVENT, Kind.EVENT, "payments.view_gatewayevent", "received_at"),
        *(_gateway_events, _tell_gateway_event, "payments_gatewayevent"),
    ),
    Read(Source.REFUND, Kind.REFUND, "payments.view_refund", "created_at", _refunds, _tell_refund),
    Read(
        *(Source.LINK, Kind.PRICE, "payments.view_paymentlink", "created_at"),
        *(_links, _tell_link, "payments_paymentlink"),
    ),
    Read(
        *(Source.DIFFERENCE, Kind.EVENT, "payments.view_difference", "found_at"),
        *(_differences, _tell_difference, "payments_difference"),
    ),
    Read(Source.MAIL, Kind.MESSAGE, "orders.view_order", "told_at", _mails, _tell_mail),
    Read(
        *(Source.RECOVERY_MAIL, Kind.MESSAGE, "recovery.view_message", "told_at"),
        *(_messages, _tell_message, "recovery_message"),
    ),
    Read(
        *(Source.ENROLMENT, Kind.MESSAGE, "recovery.view_enrolment", "created_at"),
        *(_enrolments, _tell_enrolment, "recovery_enrolment"),
    ),
    Read(Source.CLICK, Kind.SHOPPER, "recovery.view_message", "at", _clicks, _tell_click),
    Read(Source.STAFF, Kind.STAFF, "", "action_time", _acts, _tell_act),
    Read(
        *(Source.IN_NO_SEQUENCE, Kind.MESSAGE, "recovery.view_enrolment", "first_abandoned_at"),
        *(_in_no_sequence, _tell_in_no_sequence),
    ),
)
