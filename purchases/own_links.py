"""Links that this shop gave out: one that asks for money, and one that takes up a cart that was left.

What they are for is bought as it is; nothing is chosen. Their tokens stay in what the agent told, sealed, and go with
it. A cart that was left is its shopper's until it is paid: what it comes to is rehearsed, and taken back.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from django.db import transaction

from carts.models import Cart
from checkouts import completion, giving_up
from checkouts import services as checkouts
from checkouts.linked_carts import draft_of
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.persons import normalized_email
from common.transactions import in_transaction
from orders import services as orders
from orders.states import OrderStatus
from payments import link_payments, reconcile
from payments.gateways.registry import BALANCE
from payments.link_payments import LinkView
from payments.models import Payment
from payments.states import OPEN, LinkState, PaymentStatus
from purchases import choosing, own_shop, services, spellings, told
from purchases.models import Purchase
from purchases.notes import listed
from purchases.sentences import NOTHING_CHARGED
from purchases.services import Sold
from purchases.states import Step
from purchases.told import Refused, UserData
from recovery import coming_back
from recovery.coming_back import Landing

PAYMENT, RECOVERY = "payment_link", "recovery_link"
_AS_IT_IS = "What the link is for, as it is."
_OF_GOODS = choosing.READ | choosing.OPTIONS | {"prompt"}
_NOT_OPEN = {
    LinkState.PAID: "What this payment link was for is bought already.",
    LinkState.ASKING: "A payment by this link is under way, and its outcome is not known yet.",
    LinkState.ENDED: "This payment link was ended.",
    LinkState.EXPIRED: "This payment link has expired.",
    LinkState.CLOSED: "What this payment link was for can no longer be paid.",
    LinkState.CHANGED: "What this payment link was made for has changed since.",
}
_CANNOT_COME_BACK = {
    coming_back.LinkState.BOUGHT: "What this recovery link was for is bought already.",
    coming_back.LinkState.EXPIRED: "This recovery link has expired.",
    coming_back.LinkState.REVOKED: "This recovery link was revoked.",
    coming_back.LinkState.EMPTY: "Nothing of what this recovery link was for can be bought any more.",
}


def _token(purchase: Purchase) -> str:
    return unquote(urlsplit(told.address(purchase)).path).rstrip("/").rpartition("/")[2]


class PaymentLinkSeller:
    """Pays what is owed, as the link's button does. Who it is for is known already."""

    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        _must_choose_nothing(user_data)
        services.step_done(purchase, _AS_IT_IS, to=Step.FILL)

    def fill(self, purchase: Purchase, user_data: UserData) -> None:  # noqa: ARG002
        services.step_done(purchase, "The link says for whom.", to=Step.QUOTE)

    def quote(self, purchase: Purchase) -> tuple[int, str]:
        owed = _open_link(purchase).owed
        assert owed is not None, "open"  # noqa: S101
        return owed.due_amount, owed.currency

    def pay(self, purchase: Purchase) -> Sold:
        if _payment_of(purchase) is None:
            link_payments.pay(
                _open_link(purchase).link, provider=BALANCE, instrument=purchase.source, draft_of=draft_of
            )
        crash_point("purchase: checkout completed, nothing noted")
        sold = self.outcome(purchase)
        if sold is None:
            raise Refused(f"It could not be paid. {NOTHING_CHARGED}")
        return sold

    def outcome(self, purchase: Purchase) -> Sold | None:
        payment = _payment_of(purchase)
        if payment is None:
            return None
        if payment.status in OPEN:
            payment = reconcile.look_up(payment.pk)
        completion.follow(payment.order.source)
        if payment.status in OPEN:
            raise DomainError(ErrorCode.BUSY)
        order = payment.order
        order.refresh_from_db(fields=["status", "number"])
        is_bought = order.status == OrderStatus.ACCEPTED or order.takes_parts
        is_its = payment.status == PaymentStatus.CAPTURED and not payment.surplus_amount
        if not (is_bought and is_its):
            return None
        orders.bought_by(order.pk, purchase.buyer)
        return Sold(payment.amount, payment.currency, order.number or str(order.pk))

    def clear_away(self, purchase: Purchase) -> None:
        """The link may still be paid by whoever has it."""
        if _payment_of(purchase) is not None:
            self.outcome(purchase)


def _must_choose_nothing(user_data: UserData) -> None:
    """Raises Refused: what a link is for cannot be changed by the words beside it."""
    said = [name for name, value in user_data.items() if spellings.key(name) in _OF_GOODS and value not in (None, "")]
    if said:
        raise Refused(
            f"What a link is for is bought as it is; leave out {listed([f'user_data.{name}' for name in said])}. "
            f"{NOTHING_CHARGED}"
        )


def _open_link(purchase: Purchase) -> LinkView:
    """Raises Refused."""
    view = link_payments.look(_token(purchase), draft_of=draft_of)
    if view is None or view.state != LinkState.OPEN:
        why = _NOT_OPEN[view.state] if view else "There is no such payment link."
        raise Refused(f"{why} {NOTHING_CHARGED}")
    return view


def _payment_of(purchase: Purchase) -> Payment | None:
    paid = Payment.objects.select_related("order").filter(gateway=BALANCE, instrument=purchase.source)
    return paid.order_by("-id").first()


class RecoveryLinkSeller(own_shop.OwnShop):
    """Takes the cart up again, as the link's button does, and completes its checkout."""

    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        _must_choose_nothing(user_data)
        services.step_done(purchase, _AS_IT_IS, to=Step.FILL)

    def fill(self, purchase: Purchase, user_data: UserData) -> None:  # noqa: ARG002
        _, note = _rehearsed(purchase)
        services.step_done(purchase, note, to=Step.QUOTE)

    def quote(self, purchase: Purchase) -> tuple[int, str]:
        view, _ = _rehearsed(purchase)
        return view.totals.total_amount, view.currency

    def pay(self, purchase: Purchase) -> Sold:
        if purchase.checkout_session is None:
            _take_up_for_good(purchase)
            crash_point("purchase: cart taken up, not paid")
        return super().pay(purchase)

    def give_up(self, session: uuid.UUID) -> bool:
        """The cart is its shopper's: only the checkout ends."""
        return giving_up.give_up(session, and_cart=False)


@in_transaction
def _rehearsed(purchase: Purchase) -> tuple[CheckoutView, str]:
    """What taking the cart up would come to. Nothing of it stays: as long as nothing is paid, the cart, its session and
    its reminders are its shopper's."""
    view, note = _take_up(purchase)
    transaction.set_rollback(True)
    return view, note


@in_transaction
def _take_up_for_good(purchase: Purchase) -> None:
    """Raises Refused where it would cost something else by now."""
    row = services.locked(purchase)
    view, _ = _take_up(purchase)
    if view.totals.total_amount != purchase.quoted_amount:
        raise Refused(f"Its price changed while it was being bought. {NOTHING_CHARGED}")
    services.note_checkout(row, view.checkout.session_key)
    purchase.checkout_session = view.checkout.session_key


def _take_up(purchase: Purchase) -> tuple[CheckoutView, str]:
    """In the caller's transaction: a checkout on the cart, filled in, and a note of what is in it."""
    landing = _open_landing(purchase)
    user_data = told.read(purchase)
    person = _person(landing.link.cart, user_data)
    view = coming_back.come_back(landing).view
    assert view is not None, "no payment link"  # noqa: S101
    session = view.checkout.session_key
    Checkout.objects.filter(pk=view.checkout.pk).update(buyer=purchase.buyer)
    note = own_shop.fill_in(session, person, user_data)
    found = checkouts.find(session)
    assert found is not None, "just begun"  # noqa: S101
    return found, note


def _person(cart: Cart, user_data: UserData) -> own_shop.Filled:
    """Who the cart knows, with what is told beside it. Raises Refused: nobody else's address gets into it."""
    known = {"email": cart.email, "full_name": cart.full_name, "phone": cart.phone}
    person = own_shop.filled(user_data, defaults=known)
    if cart.email and normalized_email(person.email) != normalized_email(cart.email):
        raise Refused(
            "A recovery link is bought for whom it was sent to, and user_data.email is not theirs. Leave it out, or "
            f"buy the goods by their own addresses. {NOTHING_CHARGED}"
        )
    return replace(person, email=cart.email or person.email)


def _open_landing(purchase: Purchase) -> Landing:
    """Raises Refused."""
    landing = coming_back.look(_token(purchase))
    if landing is None or landing.state != coming_back.LinkState.OPEN:
        why = _CANNOT_COME_BACK[landing.state] if landing else "There is no such recovery link."
        raise Refused(f"{why} {NOTHING_CHARGED}")
    if landing.is_paid_by_link:
        raise Refused(f"What this link is for is paid by a payment link. {NOTHING_CHARGED}")
    if any(row.thing.quantity > row.thing.available or not row.thing.is_for_sale for row in landing.rows):
        raise Refused(f"Not everything that is in the cart can be had any more. {NOTHING_CHARGED}")
    return landing
