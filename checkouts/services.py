"""What a shopper can do with a checkout before paying, and what staff can do to one.

Every write locks the session's checkout and its cart, changes what was asked, prices anew, and notes the total it
shows. Raises DomainError: CHECKOUT_NOT_FOUND (none, expired or completed), PAYMENT_IN_PROGRESS, BUSY, and what each
verb names.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from carts import refusals
from carts import services as carts
from carts.models import Door
from carts.queries import BasketLine, basket
from catalog import discounts, stock
from catalog.queries import Offer, offer_of_product
from checkouts.models import Checkout, ShippingMethod
from checkouts.queries import CheckoutView, active_methods, any_view, latest_of_session, newest_of_session
from checkouts.states import CHECKOUT, LIVE, CheckoutStatus
from common import changes, rows
from common.addresses import Address
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction


# --- finding the session's checkout ---------------------------------------------------------------
def is_usable(checkout: Checkout | None, now: datetime) -> bool:
    """Open, and its time has not run out; one that is being paid has no time."""
    if checkout is None or checkout.status not in LIVE:
        return False
    return checkout.status == CheckoutStatus.PAYING or checkout.expires_at > now


def _view(checkout: Checkout) -> CheckoutView:
    return CheckoutView(checkout, basket(checkout.cart_id, checkout.cart.currency))


def lock_latest(session_key: uuid.UUID | None) -> Checkout | None:
    """The session's newest checkout, its row and its cart's locked."""
    if session_key is None:
        return None
    checkout = newest_of_session(session_key, is_locked=True)
    return latest_of_session(session_key).get(pk=checkout.pk) if checkout and _is_torn(checkout) else checkout


def _is_torn(checkout: Checkout) -> bool:
    """PostgreSQL answers a wait for a lock with the locked rows as they are now, but joined to the others as they
    were: the method or code that was chosen meanwhile is missing beside its id."""
    return (checkout.shipping_method_id is not None and checkout.shipping_method is None) or (
        checkout.discount_id is not None and checkout.discount is None
    )


def cart_of_session(session_key: uuid.UUID | None) -> int | None:
    """The one that is being filled; None where there is none, or where it is over."""
    checkout = newest_of_session(session_key) if session_key else None
    return checkout.cart_id if checkout is not None and is_usable(checkout, timezone.now()) else None


_noted = refusals.noted_on(cart_of_session)


def _lock(session_key: uuid.UUID | None, now: datetime) -> CheckoutView:
    checkout = lock_latest(session_key)
    if checkout is None or not is_usable(checkout, now):
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
    if checkout.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    return _view(checkout)


def _begin(session_key: uuid.UUID | None, latest: Checkout | None, now: datetime) -> CheckoutView:
    """A fresh checkout. A session key we did not issue (`latest` is None) is not adopted."""
    if latest is not None and latest.status == CheckoutStatus.ACTIVE:
        Checkout.objects.filter(pk=latest.pk).update(status=CheckoutStatus.EXPIRED, updated_at=now)
    cart = carts.start(currency=settings.SHOP_CURRENCY, now=now)
    key = session_key if latest and session_key else uuid.uuid4()
    checkout = Checkout(session_key=key, cart=cart, created_at=now, updated_at=now, expires_at=expiry(now))
    return CheckoutView(rows.insert(checkout), [])


@in_transaction
def begin_for(buyer: str) -> CheckoutView:
    """A fresh checkout in a session of its own, for a program that buys for somebody: nobody is reminded of its cart.

    `buyer`: who buys, as the order will say (`Checkout.buyer`).
    """
    now = timezone.now()
    cart = carts.start(currency=settings.SHOP_CURRENCY, now=now, door=Door.AGENT)
    checkout = Checkout.objects.create(cart=cart, buyer=buyer, created_at=now, updated_at=now, expires_at=expiry(now))
    return CheckoutView(checkout, [])


def expiry(now: datetime) -> datetime:
    """Until when a session that was active at `now` can be used."""
    return now + timedelta(seconds=settings.CHECKOUT_EXPIRES_AFTER_SECONDS)


def find(session_key: uuid.UUID | None) -> CheckoutView | None:
    """The session's usable checkout, or None. Reading is no activity: nothing slides; what is shown is noted."""
    checkout = newest_of_session(session_key) if session_key else None
    if checkout is None or not is_usable(checkout, timezone.now()):
        return None
    view = _view(checkout)
    _note_shown(view)
    return view


@in_transaction
def _write_shown(checkout_id: int, total_amount: int) -> None:
    Checkout.objects.filter(pk=checkout_id).update(shown_total_amount=total_amount)


def _note_shown(view: CheckoutView) -> None:
    """Completion charges what was last shown; a write only where prices moved since."""
    checkout, total = view.checkout, view.totals.total_amount
    if checkout.shown_total_amount != total:
        view.moved_amount = total - checkout.shown_total_amount
        _write_shown(checkout.pk, total)
        checkout.shown_total_amount = total


@in_transaction
def note_language(session_key: uuid.UUID | None, language: str) -> None:
    """The shopper wants to be written to in another language; nothing where they have no open checkout."""
    checkout = newest_of_session(session_key) if session_key else None
    if checkout is not None and is_usable(checkout, timezone.now()):
        carts.speak(checkout.cart_id, language)


def find_or_begin(session_key: uuid.UUID | None) -> CheckoutView:
    """The session's usable checkout, or a fresh one."""
    view = find(session_key)
    if view is not None:
        return view
    try:
        return _begin_locked(session_key)
    except IntegrityError:  # somebody with the same cookie was quicker
        return find(session_key) or _begin_locked(None)


@in_transaction
def _begin_locked(session_key: uuid.UUID | None) -> CheckoutView:
    now = timezone.now()
    latest = lock_latest(session_key)
    if latest is not None and is_usable(latest, now):
        return _view(latest)
    return _begin(session_key, latest, now)


def _save(view: CheckoutView, now: datetime, *changed: str, **contact: str) -> CheckoutView:
    """Writes the changed fields, the sliding expiry and the total that is shown from now on."""
    view.reprice()
    checkout = view.checkout
    checkout.shown_total_amount = view.totals.total_amount
    checkout.updated_at, checkout.expires_at = now, expiry(now)
    rows.update(checkout, ("shown_total_amount", "updated_at", "expires_at", *changed))
    carts.touch(checkout.cart, now=now, **contact)
    return view


# --- items ----------------------------------------------------------------------------------------
def add_item(session_key: uuid.UUID | None, *, product_id: int, variant_id: int | None, quantity: int) -> CheckoutView:
    """Adds pieces; starts a checkout where there is none. Raises also what offer_of_product and carts.put raise."""
    try:
        return _add_item(session_key, product_id, variant_id, quantity)
    except IntegrityError:  # somebody with the same cookie began a checkout at this moment: now there is one
        return _add_item(session_key, product_id, variant_id, quantity)


@in_transaction
@_noted
def _add_item(session_key: uuid.UUID | None, product_id: int, variant_id: int | None, quantity: int) -> CheckoutView:
    now = timezone.now()
    latest = lock_latest(session_key)
    if latest is not None and latest.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    goes_on = is_usable(latest, now)
    view = _view(latest) if latest is not None and goes_on else _begin(session_key, latest, now)
    offer = offer_of_product(product_id=product_id, variant_id=variant_id, currency=view.currency)
    carts.put(view.checkout.cart, view.lines, offer=offer, quantity=quantity, own_hold=_own_hold(view, offer), now=now)
    return _save(view, now)


def _own_hold(view: CheckoutView, offer: Offer) -> int:
    """What an earlier, declined try of this shopper still holds does not stand in their own way."""
    if view.checkout.order_id is None:
        return 0
    return stock.held_by(view.checkout.source).get(offer.variant_id, 0)


@in_transaction
@_noted
def change_item(
    session_key: uuid.UUID | None,
    *,
    product_id: int,
    line_variant_id: int | None = None,
    variant_id: int | None = None,
    quantity: int | None = None,
) -> CheckoutView:
    """Another quantity, another variant, or both, for one line of a product; the line keeps its id.

    Which line: the one that holds `line_variant_id`, else the one that holds `variant_id`, else the product's only
    one. Raises also LINE_NOT_FOUND, LINE_AMBIGUOUS and what offer_of_product and carts.change raise.
    """
    now = timezone.now()
    view = _lock(session_key, now)
    line = _line_meant(view.lines, product_id, line_variant_id, variant_id)
    wanted = variant_id or line.variant_id
    offer = offer_of_product(product_id=product_id, variant_id=wanted, currency=view.currency)
    carts.change(
        view.lines, line, offer=offer, quantity=quantity or line.quantity, own_hold=_own_hold(view, offer), now=now
    )
    return _save(view, now)


def _line_meant(
    lines: list[BasketLine], product_id: int, line_variant_id: int | None, variant_id: int | None
) -> BasketLine:
    candidates = _lines_of(lines, product_id, line_variant_id)
    if len(candidates) == 1:
        return candidates[0]
    for line in candidates:
        if line.variant_id == variant_id:
            return line
    raise DomainError(ErrorCode.LINE_AMBIGUOUS, variants=[line.variant_id for line in candidates])


def _lines_of(lines: list[BasketLine], product_id: int, variant_id: int | None) -> list[BasketLine]:
    found = [
        line
        for line in lines
        if line.offer.product_id == product_id and (variant_id is None or line.variant_id == variant_id)
    ]
    if not found:
        raise DomainError(ErrorCode.LINE_NOT_FOUND, product_id=product_id)
    return found


@in_transaction
def remove_item(session_key: uuid.UUID | None, *, product_id: int, line_variant_id: int | None = None) -> CheckoutView:
    """Removes the product's lines, or only the one that holds `line_variant_id`. Raises also LINE_NOT_FOUND."""
    now = timezone.now()
    view = _lock(session_key, now)
    carts.drop(view.lines, _lines_of(view.lines, product_id, line_variant_id))
    return _save(view, now)


@in_transaction
def clear(session_key: uuid.UUID | None) -> CheckoutView:
    """Drops lines, shipping method and discount; keeps who and where."""
    now = timezone.now()
    view = _lock(session_key, now)
    carts.drop(view.lines, list(view.lines))
    view.checkout.shipping_method = view.checkout.discount = None
    return _save(view, now, "shipping_method", "discount")


# --- who and where --------------------------------------------------------------------------------
@in_transaction
def set_shipping_address(session_key: uuid.UUID | None, address: Address) -> CheckoutView:
    """The chosen method costs from now on what it costs there; one that does not go there counts as none."""
    now = timezone.now()
    view = _lock(session_key, now)
    before = view.country
    view.checkout.shipping_address = address
    if view.checkout.shipping_method_id is not None and view.country != before:
        method = _active_method(view, view.checkout.shipping_method_id)
        view.checkout.rate_amount = method.rate_amount if method else None  # type: ignore[attr-defined]
    return _save(view, now, "shipping_address")


@in_transaction
def set_billing_address(session_key: uuid.UUID | None, address: Address) -> CheckoutView:
    """An empty address ({}) means: the shipping address."""
    now = timezone.now()
    view = _lock(session_key, now)
    view.checkout.billing_address = address
    return _save(view, now, "billing_address")


@in_transaction
def set_customer(session_key: uuid.UUID | None, *, email: str, phone: str, full_name: str) -> CheckoutView:
    now = timezone.now()
    view = _lock(session_key, now)
    return _save(view, now, email=email, phone=phone, full_name=full_name)


# --- shipping and discount ------------------------------------------------------------------------
@in_transaction
@_noted
def set_shipping_method(session_key: uuid.UUID | None, method_id: int) -> CheckoutView:
    """Raises also SHIPPING_METHOD_NOT_FOUND (unknown, not on offer, without a rate in this currency, or not going to
    the country: then with its name and the country)."""
    now = timezone.now()
    view = _lock(session_key, now)
    method = _active_method(view, method_id)
    if method is None:
        raise DomainError(ErrorCode.SHIPPING_METHOD_NOT_FOUND)
    if method.rate_amount is None:  # type: ignore[attr-defined]
        raise DomainError(ErrorCode.SHIPPING_METHOD_NOT_FOUND, method=method.name, country=view.country)
    view.checkout.shipping_method = method
    view.checkout.rate_amount = method.rate_amount  # type: ignore[attr-defined]
    return _save(view, now, "shipping_method")


def note_nothing_ships(view: CheckoutView, country: str) -> None:
    """The shopper was told that no way of shipping goes there."""
    refusal = DomainError(ErrorCode.SHIPPING_METHOD_NOT_FOUND, country=country)
    refusals.note(refusal, lambda: view.checkout.cart_id)


def _active_method(view: CheckoutView, method_id: int | None) -> ShippingMethod | None:
    methods = active_methods(view.currency, view.country)
    return next((method for method in methods if method.pk == method_id), None)


@in_transaction
@_noted
def apply_discount(session_key: uuid.UUID | None, code: str) -> CheckoutView:
    """Raises also DISCOUNT_INVALID with its reason; the code that was there before stays then."""
    now = timezone.now()
    view = _lock(session_key, now)
    found = discounts.find(code, view.currency)
    reason = discounts.refusal(
        found,
        items_amount=view.totals.items_amount,
        now=now,
        has_redeemed=lambda: discounts.has_redeemed(found.discount, view.checkout.source),
    )
    if reason:
        minimum = found.offer.minimum_amount if found.offer else 0
        raise DomainError(
            ErrorCode.DISCOUNT_INVALID,
            discount_code=code,
            reason=reason,
            minimum_amount=minimum,
            currency=view.currency,
        )
    view.use_code(found)
    return _save(view, now, "discount")


@in_transaction
def remove_discount(session_key: uuid.UUID | None) -> CheckoutView:
    now = timezone.now()
    view = _lock(session_key, now)
    view.checkout.discount = None
    return _save(view, now, "discount")


# --- staff ----------------------------------------------------------------------------------------
def lock_by_id(checkout_id: int) -> Checkout:
    checkouts = Checkout.objects.select_for_update(no_key=True)
    checkout = checkouts.filter(pk=checkout_id).first()
    if checkout is None:
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
    return checkout


def read(checkout_id: int) -> CheckoutView:
    """Any checkout, as staff sees it: not noted as shown. Raises DomainError(CHECKOUT_NOT_FOUND)."""
    view = any_view(checkout_id)
    if view is None:
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
    return view


@in_transaction
def expire(checkout_id: int) -> None:
    """Staff ends a session. Doing it twice is harmless. Raises DomainError(ILLEGAL_MOVE)."""
    checkout = lock_by_id(checkout_id)
    if checkout.status != CheckoutStatus.EXPIRED:
        CHECKOUT.check(checkout.status, CheckoutStatus.EXPIRED)
        Checkout.objects.filter(pk=checkout_id).update(status=CheckoutStatus.EXPIRED, updated_at=timezone.now())


@in_transaction
def delete(checkout_id: int) -> None:
    """Staff deletes a session; its order, if any, stays, and nobody is reminded of its cart.

    Raises DomainError: CHECKOUT_NOT_FOUND, PAYMENT_IN_PROGRESS.
    """
    checkout = lock_by_id(checkout_id)
    if checkout.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    cart_id = checkout.cart_id
    checkout.delete()
    changes.note_checkout(checkout_id, gone_since=checkout.created_at)
    carts.give_up(cart_id)


def expire_due(*, limit: int = 1000) -> int:
    """One batch of sessions whose time ran out. How many; fewer than `limit` means that there are no more."""
    now = timezone.now()
    due = Checkout.objects.filter(status=CheckoutStatus.ACTIVE, expires_at__lte=now).order_by("expires_at")
    ids = list(due.values_list("pk", flat=True)[:limit])
    still_due = Checkout.objects.filter(pk__in=ids, status=CheckoutStatus.ACTIVE, expires_at__lte=now)
    return still_due.update(status=CheckoutStatus.EXPIRED, updated_at=now)
