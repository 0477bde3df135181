"""What staff does to orders, payments and checkouts, with the word of it in the log. A second click changes nothing.

Each act writes what it does and who did it in one transaction, and calls a gateway only outside of it. `wish` tells one
deliberate press from another: a form's own token. Raises DomainError with what the service below names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError
from django.db.models import Model
from django.utils import timezone
from django.utils.text import Truncator

from accounts import second_step
from accounts.models import User
from carts import tracked
from carts.models import Cart
from carts.states import CartStatus
from catalog import importing, stock
from catalog.models import StockAdjustment, Variant
from catalog.states import AdjustedBecause
from checkouts import again, drafts
from checkouts import services as checkout_services
from checkouts.drafts import DraftOrder
from checkouts.linked_carts import draft_of
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.addresses import FIELDS, Address
from common.errors import DomainError, ErrorCode
from common.money import signed
from common.templatetags.shop import money
from common.transactions import in_transaction
from dashboard.staff_log import is_noted, note, note_many
from orders import fulfilment
from orders.models import Order
from outbox import jobs
from outbox import services as outbox
from outbox.models import JobRun, OutboxEvent
from payments import cancellation, holds, links, reconcile, refunds
from payments import events as gateway_events
from payments.models import GatewayEvent, Payment, PaymentLink, Refund
from payments.states import OPEN, EventStatus
from recovery import sending_now
from recovery.models import Message


# --- money ----------------------------------------------------------------------------------------
def refund(order_id: int, *, amount: int, reason: str, wish: str, by: User) -> list[Refund]:
    """`amount` in minor units."""
    return [refunds.pursue(row) for row in _write_refund(order_id, amount, reason, wish, by)]


@in_transaction
def _write_refund(order_id: int, amount: int, reason: str, wish: str, by: User) -> list[Refund]:
    rows, is_new = refunds.write(order_id, amount=amount, reason=reason, request_key=wish, created_by=by.get_username())
    if is_new:
        order = Order.objects.get(pk=order_id)
        wanted = money(sum(row.amount for row in rows), order.currency)
        before = money(order.refunded_amount, order.currency)
        note(
            order, by, f"Refund of {wanted}: {reason}.", before=f"{before} paid back", after=f"{wanted} more asked for"
        )
    return rows


def capture(payment_id: int, *, by: User) -> Payment:
    payment = holds.capture(payment_id)
    _note_once(payment, by, "Took the money that was held.", before="authorized")
    return payment


def void(payment_id: int, *, by: User) -> Payment:
    payment = holds.void(payment_id)
    _note_once(payment, by, "Let go of the money that was held.", before="authorized")
    return payment


def ask_gateway(payment: Payment, *, by: User) -> Payment:
    """As far as it is known now; one that is settled is not asked about."""
    before = payment.status
    known = reconcile.ask_now(payment.pk)
    if before in OPEN:
        _note_once(known, by, f"Asked the gateway: {known.status}.", before=before)
    return known


@in_transaction
def _note_once(payment: Payment, by: User, sentence: str, *, before: str) -> None:
    fulfilment.locked(payment.order_id)
    if not is_noted(payment, sentence):
        note(payment, by, sentence, before=before, after=payment.status)


def cancel(order_id: int, *, pays_back: bool, reason: str, wish: str, by: User) -> tuple[list[Refund], bool]:
    """What goes back, and whether the order was canceled by this."""
    cancellation.free(order_id)
    rows, is_new = _write_cancellation(order_id, pays_back, reason, wish, by)
    with suppress(DomainError):  # the outbox tries again until it is let go of
        holds.void_of(order_id)
    return [refunds.pursue(row) for row in rows], is_new


@in_transaction
def _write_cancellation(order_id: int, pays_back: bool, reason: str, wish: str, by: User) -> tuple[list[Refund], bool]:
    before = fulfilment.locked(order_id).status
    rows, is_new = cancellation.write(
        order_id, pays_back=pays_back, reason=reason, request_key=wish, created_by=by.get_username()
    )
    if is_new:
        order = Order.objects.get(pk=order_id)
        back = sum(row.amount for row in rows)
        goes = f", {money(back, order.currency)} goes back" if back else ""
        note(order, by, f"Canceled: {reason}.", before=before, after=f"{order.status}{goes}")
    return rows, is_new


# --- the goods' way -------------------------------------------------------------------------------
@in_transaction
def ship(order_id: int, *, carrier: str, tracking_number: str, by: User) -> bool:
    before = _tracking(fulfilment.locked(order_id))
    is_new = fulfilment.ship(order_id, carrier=carrier, tracking_number=tracking_number)
    if is_new:
        order = Order.objects.get(pk=order_id)
        note(order, by, "Fulfilled.", before=before, after=_tracking(order))
    return is_new


@in_transaction
def ship_unsent(order_id: int, *, carrier: str, tracking_number: str, by: User) -> bool:
    """As `ship`, but what is sent already stays as it was said then. Whether this press did it."""
    if fulfilment.locked(order_id).shipped_at:
        return False
    return ship(order_id, carrier=carrier, tracking_number=tracking_number, by=by)


def _tracking(order: Order) -> str:
    named = " ".join(part for part in (order.carrier, order.tracking_number) if part)
    return (named or "sent") if order.shipped_at else "not sent"


@in_transaction
def change_address(order_id: int, *, kind: str, full_name: str, address: Address, by: User) -> bool:
    before = _address(fulfilment.locked(order_id), kind)
    is_new = fulfilment.change_address(order_id, kind=kind, full_name=full_name, address=address)
    if is_new:
        order = Order.objects.get(pk=order_id)
        note(order, by, f"Changed the {kind} address.", before=before, after=_address(order, kind))
    return is_new


def _address(order: Order, kind: str) -> str:
    address = getattr(order, f"{kind}_address")
    return ", ".join(part for part in (order.full_name, *(address.get(name, "") for name in FIELDS)) if part)


@in_transaction
def resend_confirmation(order_id: int, *, wish: str, by: User) -> bool:
    is_new = fulfilment.want_confirmation(order_id, wish=wish)
    if is_new:
        order = Order.objects.get(pk=order_id)
        note(order, by, f"Sent the confirmation again, to {order.email}.")
    return is_new


# --- by phone -------------------------------------------------------------------------------------
def draft_order(draft: DraftOrder, *, wish: str, by: User) -> tuple[PaymentLink, bool]:
    """A cart with its checkout, and the link under which it can be paid; and whether this press made them."""
    try:
        return _draft_order(draft, wish, by)
    except IntegrityError:  # the same press was a moment quicker: now there is one
        return _draft_order(draft, wish, by)


@in_transaction
def _draft_order(draft: DraftOrder, wish: str, by: User) -> tuple[PaymentLink, bool]:
    view, is_new = drafts.make(draft, wish=wish)
    cart: Cart = view.checkout.cart
    link, _ = links.for_cart(cart.pk, draft_of=draft_of, created_by=by.get_username())
    if is_new:
        note(cart, by, f"Drafted the order, with payment link {link.pk} of {money(link.amount, link.currency)}.")
    return link, is_new


@in_transaction
def mail_link(link_id: int, *, wish: str, by: User) -> tuple[str, bool]:
    """Whom the link goes to, and whether this press sent it."""
    link, email, is_new = links.want_mail(link_id, wish=wish)
    if is_new:
        for row in (link, _owner_of(link)):
            note(row, by, f"Sent payment link {link.pk} to {email}.")
    return email, is_new


def _owner_of(link: PaymentLink) -> Model:
    kind, _, number = link.owner.partition(":")
    return Cart(pk=int(number)) if kind == "cart" else Order(pk=int(number))


@in_transaction
def _link(row: Cart | Checkout | Order, by: User, make: Callable[[int, str], tuple[PaymentLink, bool]]) -> bool:
    link, is_new = make(row.pk, by.get_username())
    if is_new:
        note(row, by, f"Made payment link {link.pk}.")
    return is_new


def link_of_cart(cart: Cart, *, by: User) -> bool:
    """Whether its link is a new one."""
    return _link(cart, by, lambda pk, who: links.for_cart(pk, draft_of=draft_of, created_by=who))


def link_of_checkout(checkout: Checkout, *, by: User) -> bool:
    """Whether its link is a new one."""
    return _link(checkout, by, link_checkout)


def link_of_order(order: Order, *, by: User) -> bool:
    """Whether its link is a new one."""
    return _link(order, by, lambda pk, who: links.for_order(pk, created_by=who))


def link_checkout(checkout_id: int, created_by: str) -> tuple[PaymentLink, bool]:
    """A link for a checkout that lacks nothing but the money; and whether it is a new one."""
    return links.for_cart(drafts.cart_to_be_paid(checkout_id), draft_of=draft_of, created_by=created_by)


# --- what is over ---------------------------------------------------------------------------------
@in_transaction
def expire_cart(cart: Cart, *, by: User) -> bool:
    """Nobody is written to about it any more. Whether this press did it."""
    before = links.locked_cart(cart.pk)
    if before is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    if before.status == CartStatus.EXPIRED:
        return False
    if before.status == CartStatus.ACTIVE:  # a store may know better of its own; here somebody is shopping
        raise DomainError(ErrorCode.ILLEGAL_MOVE, what="cart", current=before.status, target=CartStatus.EXPIRED)
    after = tracked.mark(cart.pk, CartStatus.EXPIRED, now=timezone.now())
    note(cart, by, "Given up.", before=before.status, after=after.status)
    return True


@in_transaction
def expire_checkout(checkout: Checkout, *, by: User) -> bool:
    return _turn(checkout, CheckoutStatus.EXPIRED, checkout_services.expire, "Ended.", by)


@in_transaction
def reopen_checkout(checkout: Checkout, *, by: User) -> bool:
    return _turn(checkout, CheckoutStatus.ACTIVE, again.reopen, "Made active again.", by)


def _turn(checkout: Checkout, to: CheckoutStatus, verb: Callable[[int], None], sentence: str, by: User) -> bool:
    before = checkout_services.lock_by_id(checkout.pk)
    is_over = before.status == CheckoutStatus.ACTIVE and before.expires_at <= timezone.now()
    if before.status == to and not is_over:
        return False
    verb(checkout.pk)
    note(checkout, by, sentence, before=before.status, after=to)
    return True


# --- mails ----------------------------------------------------------------------------------------
def send_recovery_mail(cart: Cart, *, pressed_at: datetime, by: User) -> str:
    """'' where it was sent, else why not. Raises MailServerAway."""

    def noted(message: Message) -> None:
        note(cart, by, f"Sent the recovery mail before its time: {message.subject}")

    return sending_now.send_now(cart.pk, pressed_at=pressed_at, note=noted)


# --- the catalog ----------------------------------------------------------------------------------
def adjust_stock(
    variant: Variant, *, pieces: int, reason: str, words: str, wish: str, by: User
) -> tuple[StockAdjustment, bool]:
    """`words`: what staff added to the reason. The row, and whether this press made it."""
    try:
        return _adjust_stock(variant, pieces, AdjustedBecause(reason), words, wish, by)
    except IntegrityError:  # the same press was a moment quicker: now there is one
        return _adjust_stock(variant, pieces, AdjustedBecause(reason), words, wish, by)


@in_transaction
def _adjust_stock(
    variant: Variant, pieces: int, reason: AdjustedBecause, words: str, wish: str, by: User
) -> tuple[StockAdjustment, bool]:
    row, is_new = stock.adjust(
        variant_id=variant.pk, pieces=pieces, reason=reason, note=words, by=by.get_username(), wish=wish
    )
    if is_new:
        why = f"{reason.label}: {words}" if words else str(reason.label)
        before, after = f"{row.on_hand_before} on hand", f"{row.on_hand_after} on hand"
        note(variant, by, f"Stock {signed(pieces, 'd')}. {why}.", before=before, after=after)
    return row, is_new


@in_transaction
def import_catalog(content: str, *, seen: str, by: User) -> tuple[importing.Plan, bool]:
    """As importing.carry_out, with a note on every variant that it changed."""
    plan, is_done = importing.carry_out(content, seen=seen, by=by.get_username())
    if is_done:
        changed: dict[str, list[str]] = {}
        for change in plan.changes:
            changed.setdefault(change.sku, []).append(
                f"{change.column}: {_short(change.before)} -> {_short(change.after)}"
            )
        variants = Variant.objects.filter(sku__in=changed)
        note_many({variant: f"Imported. {'; '.join(changed[variant.sku])}." for variant in variants}, by)
    return plan, is_done


def _short(text: str) -> str:
    return Truncator(text or "-").chars(100)


# --- background work ------------------------------------------------------------------------------
@in_transaction
def run_event_again(event: OutboxEvent, *, by: User) -> bool:
    """Whether this press made it due. Raises DomainError(INVALID_VALUE) where it is done."""
    row = OutboxEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
    if row.done_at:
        raise DomainError(ErrorCode.INVALID_VALUE, reason="It is done: nothing is left to be run")
    before = f"failed after {row.attempts}" if row.failed_at else f"waiting after {row.attempts}"
    if not outbox.run_again([row.pk]):
        return False
    note(row, by, "Run again.", before=before, after="due now")
    return True


@in_transaction
def replay_gateway_event(event: GatewayEvent, *, by: User) -> bool:
    """Whether this press had it worked on again. Raises DomainError(INVALID_VALUE) where it is too old."""
    row = GatewayEvent.objects.select_for_update(no_key=True).defer("raw").get(pk=event.pk)
    if row.status == EventStatus.RECEIVED:
        return False
    if not gateway_events.replay([row.pk]):
        raise DomainError(ErrorCode.INVALID_VALUE, reason="It is too old: what was said is gone")
    note(row, by, "Replayed.", before=row.status, after=EventStatus.RECEIVED)
    return True


@in_transaction
def run_job(task: str, *, wish: str, by: User) -> bool:
    """Whether this press wanted it. Raises DomainError(INVALID_VALUE) where there is no such job."""
    is_new = jobs.want_run(task, wish=wish)
    if is_new:
        note(JobRun.objects.get(name=task), by, "Wanted it run now.")
    return is_new


# --- staff ----------------------------------------------------------------------------------------
@in_transaction
def reset_second_step(colleague: User, *, by: User) -> bool:
    """Whether this press switched it off: their name and password are enough until they switch it on again."""
    was_on = second_step.switch_off(colleague)
    if was_on:
        note(colleague, by, "Second step switched off.", before="on", after="off")
    return was_on
