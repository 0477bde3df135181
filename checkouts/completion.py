"""From a checkout to an order and its payment.

    transaction 1     lock the checkout, price, write the order, hold the stock, write the payment attempt
    no transaction    ask the gateway
    transaction 2     the answer becomes the order's and the checkout's state

A process that dies between the two leaves a payment that the reconciler asks about; `follow` then moves the checkout.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from carts import refusals
from carts import services as carts
from carts.models import Cart
from carts.queries import BasketLine, basket
from carts.states import BOUGHT
from catalog import discounts, stock
from checkouts.models import Checkout
from checkouts.queries import CheckoutView, locked_of_order
from checkouts.services import cart_of_session, expiry, lock_latest
from checkouts.states import CHECKOUT, CheckoutStatus
from common import addresses, languages, rows
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import one_purchase
from payments import services as payments
from payments.gateways import registry
from payments.models import Payment
from payments.states import REFUSED, PaymentStatus

ORDER_CANCELED = "order_canceled"


@dataclass(frozen=True)
class PaymentChoice:
    """How the shopper pays: the provider by name, and the token or phone number for it (payments.instruments).

    `client_address`: where they pay from, for DECLINE_LIMIT; '' where nobody knows.
    """

    provider: str
    instrument: str
    redirect_url: str = ""
    client_address: str = ""


@dataclass(frozen=True)
class Completion:
    """An order and the payment that goes with it; no payment where there was nothing to pay."""

    order: Order
    payment: Payment | None

    @property
    def action_url(self) -> str:
        """Where the shopper has to go to approve the payment; '' when nothing is asked of them."""
        waits = self.payment is not None and self.payment.status == PaymentStatus.REQUIRES_ACTION
        return self.payment.action_url if waits and self.payment else ""


def complete(
    session_key: uuid.UUID | None,
    *,
    choice: PaymentChoice,
    expected_total_amount: int | None = None,
    request_id: str = "",
) -> Completion:
    """One order and one charge, whatever is clicked, repeated or cut off.

    `expected_total_amount` (minor units): what the caller was shown; by default what this session was last shown.
    `request_id`: a repeat of the request that completed the checkout is answered with its order, or with
    PAYMENT_DECLINED where that has come to nothing since.
    Raises DomainError: CHECKOUT_NOT_FOUND, CHECKOUT_COMPLETED, PAYMENT_IN_PROGRESS, CHECKOUT_INCOMPLETE,
    TOTAL_CHANGED, SOLD_OUT, DISCOUNT_GONE, PAYMENT_PROVIDER_UNKNOWN, PAYMENT_DATA_INVALID, PAYMENT_DECLINED,
    TOO_MANY_DECLINES, BUSY.
    """
    registry.gateway_name_for(choice.provider)
    started = _start_once_free(session_key, choice, expected_total_amount, request_id)
    payment = started.payment
    if payment is None or payment.status != PaymentStatus.CREATED:
        _raise_if_it_came_to_nothing(started)
        return started
    result = payments.charge(payment)
    completion = _finish(started.order, payment, result)
    crash_point("checkout completed, its shopper not told")
    _raise_if_refused(completion.payment)
    return completion


def _start_once_free(
    session_key: uuid.UUID | None, choice: PaymentChoice, expected_total_amount: int | None, request_id: str
) -> Completion:
    """A payment that was begun by the cart's payment link and left stands in the way until it is voided."""
    try:
        return _start(session_key, choice, expected_total_amount, request_id)
    except DomainError as error:
        if "order" not in error.values or error.code is not ErrorCode.PAYMENT_IN_PROGRESS:
            raise
        one_purchase.void_waiting(Order.objects.filter(pk__in=[error.values["order"]]))
    return _start(session_key, choice, expected_total_amount, request_id)


# --- transaction 1 --------------------------------------------------------------------------------
@in_transaction
@refusals.noted_on(cart_of_session)
def _start(
    session_key: uuid.UUID | None, choice: PaymentChoice, expected_total_amount: int | None, request_id: str
) -> Completion:
    now = timezone.now()
    checkout = lock_latest(session_key)
    if checkout is None:
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
    if checkout.status == CheckoutStatus.COMPLETED and request_id and checkout.completed_by == request_id:
        return completion_of(checkout)
    _check_open(checkout, now)
    view = CheckoutView(checkout, basket(checkout.cart_id, checkout.cart.currency))
    _check_ready(view)
    _check_total(view, expected_total_amount)
    carts.touch(checkout.cart, now=now)
    if _may_have_another_order(checkout.cart):
        one_purchase.take_the_place(checkout.cart_id, source=checkout.source)
    order = _write_order(view)
    if not order.due_amount:
        return _complete_unpaid(view, order, timezone.now(), request_id)
    payment = payments.open_payment(
        order,
        provider=choice.provider,
        instrument=choice.instrument,
        redirect_url=choice.redirect_url,
        client_address=choice.client_address,
    )
    provider = choice.provider
    _move(checkout, CheckoutStatus.PAYING, now, order=order, payment_provider=provider, completed_by=request_id)
    return Completion(order, payment)


def _may_have_another_order(cart: Cart) -> bool:
    """By its payment link, or by an earlier checkout whose payment was a yes after all."""
    return cart.payment_link_expires_at is not None or cart.status in BOUGHT


def _check_open(checkout: Checkout, now: datetime) -> None:
    if checkout.status == CheckoutStatus.COMPLETED:
        raise DomainError(ErrorCode.CHECKOUT_COMPLETED)
    if checkout.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    if checkout.status == CheckoutStatus.EXPIRED or checkout.expires_at <= now:
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)


def _check_ready(view: CheckoutView) -> None:
    missing = missing_of(view)
    if missing:
        raise DomainError(ErrorCode.CHECKOUT_INCOMPLETE, missing=missing)
    for line in view.lines:
        if not line.offer.can_be_bought:
            raise DomainError(ErrorCode.SOLD_OUT, variant_id=line.variant_id, variant=line.offer.full_name, available=0)


def missing_of(view: CheckoutView) -> list[str]:
    """What the shopper has not given yet, in the order of the pages."""
    checkout = view.checkout
    given = {
        "items": bool(view.lines),
        "customer_details.email": bool(checkout.cart.email),
        "shipping_address": addresses.is_given(checkout.shipping_address),
        "shipping_method_id": view.method is not None and view.method.is_active,
    }
    return [name for name, is_there in given.items() if not is_there]


def _check_total(view: CheckoutView, expected_total_amount: int | None) -> None:
    shown = view.checkout.shown_total_amount if expected_total_amount is None else expected_total_amount
    if shown != view.totals.total_amount:
        raise DomainError(ErrorCode.TOTAL_CHANGED, shown=shown, total=view.totals.total_amount, currency=view.currency)


def _write_order(view: CheckoutView) -> Order:
    """The checkout's only order: placed at the first try, rewritten at the next; code and stock are its source's."""
    checkout = view.checkout
    is_first = checkout.order_id is None
    draft = draft_of(view)
    order = orders.place(draft) if checkout.order_id is None else orders.rewrite(checkout.order_id, draft)
    if not is_first and payments.is_being_paid(order):  # by the order's own page: what it asked for must stand
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    used = checkout.discount if view.totals.discount_amount else None
    discounts.redeem(used, holder=checkout.source, is_first=is_first)
    demand = {line.variant_id: line.quantity for line in view.lines}
    try:
        stock.reserve(holder=checkout.source, demand=demand, is_first=is_first)
    except DomainError as error:
        raise _with_name(error, view.lines) from error
    return order


def _with_name(error: DomainError, lines: list[BasketLine]) -> DomainError:
    """The refusal in the shopper's words: stock knows ids only."""
    names = [line.offer.full_name for line in lines if line.variant_id == error.values.get("variant_id")]
    return DomainError(error.code, **error.values, variant=names[0] if names else "")


def draft_of(view: CheckoutView) -> orders.Draft:
    """What the checkout would be as an order, at the prices of this moment."""
    checkout, cart = view.checkout, view.checkout.cart
    method = view.method
    return orders.Draft(
        source=checkout.source,
        cart_id=cart.pk,
        currency=cart.currency,
        email=cart.email,
        phone=cart.phone,
        full_name=cart.full_name,
        shipping_address=checkout.shipping_address,
        billing_address=checkout.billing_address or checkout.shipping_address,
        shipping_method_name=method.name if method else "",
        discount_code=checkout.discount.code if checkout.discount and view.totals.discount_amount else "",
        totals=view.totals,
        buyer=checkout.buyer,
        language=languages.of_shopper() or cart.language,
        lines=tuple(
            _draft_line(line, discount) for line, discount in zip(view.lines, view.totals.line_discounts, strict=True)
        ),
    )


def _draft_line(line: BasketLine, discount_amount: int) -> orders.DraftLine:
    offer = line.offer
    return orders.DraftLine(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        product_name=offer.product_name,
        variant_name=offer.variant_name,
        sku=offer.sku,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
        discount_amount=discount_amount,
        weight_grams=offer.weight_grams,
    )


def _complete_unpaid(view: CheckoutView, order: Order, now: datetime, request_id: str) -> Completion:
    orders.accept(order, now=now)
    _move(view.checkout, CheckoutStatus.COMPLETED, now, order=order, completed_by=request_id)
    return Completion(order, None)


# --- transaction 2 --------------------------------------------------------------------------------
@in_transaction
def _finish(order: Order, payment: Payment, result: payments.GatewayResult) -> Completion:
    checkout = locked_of_order(order.pk)
    settled = payments.follow_answer(payment.pk, result)
    _follow(checkout, settled)
    crash_point("checkout moved, not committed")
    settled.order._prefetched_objects_cache = order._prefetched_objects_cache  # type: ignore[attr-defined]
    return Completion(settled.order, settled)


def _follow(checkout: Checkout, payment: Payment) -> None:
    """A checkout that is paying goes where its payment went; one whose order is accepted is completed; others stay."""
    is_bought = payment.order.status == OrderStatus.ACCEPTED
    if checkout.status == CheckoutStatus.ACTIVE and is_bought:
        _move(checkout, CheckoutStatus.COMPLETED, timezone.now())
    if checkout.status != CheckoutStatus.PAYING or payment.status == PaymentStatus.CREATED:
        return
    if payment.status in REFUSED and not is_bought:
        _move(checkout, CheckoutStatus.ACTIVE, timezone.now())
    else:
        _move(checkout, CheckoutStatus.COMPLETED, timezone.now())


def _move(checkout: Checkout, target: CheckoutStatus, now: datetime, **changes: object) -> None:
    CHECKOUT.check(checkout.status, target)
    changes |= {"status": target, "updated_at": now, "expires_at": expiry(now)}
    if target == CheckoutStatus.COMPLETED:
        changes["completed_at"] = now
    for name, value in changes.items():
        setattr(checkout, name, value)
    rows.update(checkout, changes)


def _raise_if_refused(payment: Payment | None) -> None:
    if payment is None or payment.status not in REFUSED:
        return
    if payment.decline_code == payments.REFUSED_BY_GATEWAY:
        raise DomainError(ErrorCode.PAYMENT_DATA_INVALID, reason=payment.message)
    raise DomainError(ErrorCode.PAYMENT_DECLINED, decline_code=payment.decline_code, reason=payment.message)


def _raise_if_it_came_to_nothing(repeated: Completion) -> None:
    """A repeat may come late: whoever is told of an order believes that it stands."""
    if repeated.order.status == OrderStatus.CANCELED:
        raise DomainError(ErrorCode.PAYMENT_DECLINED, decline_code=ORDER_CANCELED, reason="the order is canceled")
    if repeated.order.status == OrderStatus.PENDING:
        _raise_if_refused(repeated.payment)


# --- afterwards -----------------------------------------------------------------------------------
def completion_of(checkout: Checkout) -> Completion:
    """What a completed checkout came to, as its order and newest payment are now."""
    order = Order.objects.prefetch_related("lines").get(checkout=checkout)
    return Completion(order, order.payments.order_by("-id").first())


@in_transaction
def follow(source: str) -> None:
    """A payment's answer came by another way (look-up, webhook): its checkout goes on. Harmless when repeated.

    What is bought is no longer in anybody's basket: a cart's payment link and a recovery link lead to others.
    """
    kind, _, number = source.partition(":")
    if kind == "checkout":
        _follow_checkout(number)
    if kind in {"cart", "checkout"}:
        _empty_baskets(source)


def _follow_checkout(number: str) -> None:
    checkout = Checkout.objects.select_for_update(no_key=True).filter(pk=number, order__isnull=False).first()
    payment = Payment.objects.select_related("order").filter(order__checkout=checkout).first() if checkout else None
    if checkout and payment:
        _follow(checkout, payment)


def _empty_baskets(source: str) -> None:
    """In two statements: what is found is locked by its id alone."""
    bought = Checkout.objects.filter(cart__orders__source=source, cart__orders__status=OrderStatus.ACCEPTED)
    ids = list(bought.filter(status=CheckoutStatus.ACTIVE).values_list("pk", flat=True))
    left = Checkout.objects.filter(pk__in=ids, status=CheckoutStatus.ACTIVE)
    left.update(status=CheckoutStatus.EXPIRED, updated_at=timezone.now())
