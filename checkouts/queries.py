"""What can be asked of checkouts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    UUIDField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from carts.queries import BasketLine, basket, baskets
from catalog import discounts, pricing
from catalog.discounts import Code
from catalog.models import DiscountRedemption, DiscountTerms
from catalog.pricing import DiscountOffer, Totals
from catalog.queries import Offer
from checkouts.models import SOURCE_PREFIX, Checkout, ShippingMethod, ShippingRate
from checkouts.states import CheckoutStatus
from common.prepared import Given, Prepared
from orders.models import Order, OrderLine


@dataclass
class CheckoutView:
    """A checkout with its lines and what they cost at this moment. Amounts in minor units of the cart's currency."""

    checkout: Checkout
    lines: list[BasketLine]
    order: Order | None = None  # what a completed checkout came to: its totals are the agreed ones
    # By how much the total moved since it was last shown without anything that the shopper did. Minor units.
    moved_amount: int = field(init=False, default=0)
    totals: Totals = field(init=False)
    # Why the code that is kept on the checkout gives nothing now: "" when it gives something or there is none.
    discount_refusal: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.reprice()

    @property
    def currency(self) -> str:
        return self.checkout.cart.currency

    @property
    def country(self) -> str:
        """Where the goods go, '' as long as nobody has said."""
        return str(self.checkout.shipping_address.get("country", ""))

    @property
    def method(self) -> ShippingMethod | None:
        """How the goods travel; None as well where the chosen method does not go to the country, or no longer does."""
        has_rate = getattr(self.checkout, "rate_amount", None) is not None
        return self.checkout.shipping_method if has_rate or self.order is not None else None

    @property
    def shipping_amount(self) -> int:
        """The chosen method's rate (annotated by `with_terms`), 0 without a method."""
        if self.order is not None:
            return self.order.shipping_amount
        return self.checkout.rate_amount if self.method else 0  # type: ignore[attr-defined]

    @property
    def weight_grams(self) -> int:
        return sum(line.weight_grams for line in self.lines)

    def reprice(self) -> None:
        """Computes the totals anew; to be called after lines, method or discount changed."""
        if self.order is not None:
            self.totals = self.order.totals
            return
        self.totals = pricing.price(
            [line.priced for line in self.lines],
            discount=self._usable_offer(),
            shipping_amount=self.shipping_amount,
        )

    def use_code(self, code: Code) -> None:
        """Another code from now on, judged by the caller; reprice() counts it."""
        checkout, offer = self.checkout, code.offer
        checkout.discount = code.discount
        checkout.terms_off_amount = offer.off_amount if offer else None  # type: ignore[attr-defined]
        checkout.terms_minimum_amount = offer.minimum_amount if offer else None  # type: ignore[attr-defined]
        checkout.has_redeemed = True  # type: ignore[attr-defined]  # a use that was left was found just now

    def _usable_offer(self) -> DiscountOffer | None:
        code = self._code()
        self.discount_refusal = ""
        if code is None:
            return None
        self.discount_refusal = discounts.refusal(
            code,
            items_amount=sum(line.amount for line in self.lines),
            now=timezone.now(),
            has_redeemed=lambda: self.checkout.has_redeemed,  # type: ignore[attr-defined]
        )
        return None if self.discount_refusal else code.offer

    def _code(self) -> Code | None:
        checkout = self.checkout
        if checkout.discount is None:
            return None
        terms = checkout.terms_off_amount, checkout.terms_minimum_amount  # type: ignore[attr-defined]
        return Code(checkout.discount, discounts.offer_of(checkout.discount, *terms))


def _rate(method: OuterRef, *, currency: Any, country: Any) -> Subquery:
    """What a method costs in the country, in minor units: its own rate there beats the general one. NULL where it is
    not offered."""
    rates = ShippingRate.objects.filter(Q(country="") | Q(country=country), method=method, currency=currency)
    best = rates.order_by("-country").annotate(asked=Case(When(is_offered=True, then=F("amount"))))
    return Subquery(best.values("asked")[:1])


def with_terms(checkouts: QuerySet[Checkout]) -> QuerySet[Checkout]:
    """Checkouts with cart, method, code and what those cost and give in the cart's currency, in one query."""
    country = KeyTextTransform("country", OuterRef("shipping_address"))
    rate = _rate(OuterRef("shipping_method"), currency=OuterRef("cart__currency"), country=country)
    terms = DiscountTerms.objects.filter(discount=OuterRef("discount"), currency=OuterRef("cart__currency"))
    return checkouts.select_related("cart", "shipping_method", "discount").annotate(
        rate_amount=rate,
        terms_off_amount=Subquery(terms.values("off_amount")[:1]),
        terms_minimum_amount=Subquery(terms.values("minimum_amount")[:1]),
        has_redeemed=Exists(
            DiscountRedemption.objects.filter(
                discount=OuterRef("discount"),
                holder=Concat(Value(SOURCE_PREFIX), Cast(OuterRef("pk"), CharField())),
            )
        ),
    )


def latest_of_session(session_key: uuid.UUID | Given) -> QuerySet[Checkout]:
    """The session's checkouts with their terms, newest first: only the first one can be live."""
    return with_terms(Checkout.objects.filter(session_key=session_key)).order_by("-id")


def _given_session() -> QuerySet[Checkout]:
    return latest_of_session(Given("session_key", UUIDField()))


_LATEST = Prepared[Checkout](lambda: _given_session()[:1])
_LATEST_LOCKED = Prepared[Checkout](lambda: _given_session().select_for_update(of=("self", "cart"), no_key=True)[:1])


def newest_of_session(session_key: uuid.UUID, *, is_locked: bool = False) -> Checkout | None:
    """The session's newest checkout with its terms; nearly every call of every shopper asks for it."""
    return (_LATEST_LOCKED if is_locked else _LATEST).first(session_key=session_key)


_OF_ORDER_LOCKED = Prepared[Checkout](
    lambda: Checkout.objects.filter(order_id=Given("order", BigIntegerField())).select_for_update(no_key=True)
)


def locked_of_order(order_id: int) -> Checkout:
    """The checkout that placed the order, without its terms. Raises IndexError where there is none."""
    return _OF_ORDER_LOCKED.rows(order=order_id)[0]


def summaries(checkouts: QuerySet[Checkout], *, offset: int, limit: int) -> list[CheckoutView]:
    """A page of checkouts with their totals, in two queries however many: agreed ones from their orders."""
    page = list(with_terms(checkouts).select_related("order", "cart", "shipping_method", "discount")[offset:][:limit])
    lines = baskets({checkout.cart_id: checkout.cart.currency for checkout in page if not _agreed(checkout)})
    return [CheckoutView(checkout, lines.get(checkout.cart_id, []), _agreed(checkout)) for checkout in page]


def _agreed(checkout: Checkout) -> Order | None:
    return checkout.order if checkout.status == CheckoutStatus.COMPLETED else None


def any_view(checkout_id: int) -> CheckoutView | None:
    """Any checkout as staff sees it: a completed one as it was agreed, whatever the catalog says now."""
    checkout = with_terms(Checkout.objects.filter(pk=checkout_id)).first()
    if checkout is None:
        return None
    order = _agreed(checkout)
    if order is None:
        return CheckoutView(checkout, basket(checkout.cart_id, checkout.cart.currency))
    return CheckoutView(checkout, [_agreed_line(line, order) for line in order.lines.all()], order)


def _agreed_line(line: OrderLine, order: Order) -> BasketLine:
    offer = Offer(
        variant_id=line.variant_id or 0,  # a checkout's lines always have one
        variant_name=line.variant_name,
        sku=line.sku,
        weight_grams=line.weight_grams,
        product_id=line.product_id or 0,
        product_name=line.product_name,
        product_slug="",
        is_for_sale=True,
        unit_amount=line.unit_amount,
        available=line.quantity,
    )
    return BasketLine(line.pk, line.quantity, order.created_at, order.created_at, offer)


def _active_methods() -> QuerySet[ShippingMethod]:
    currency, country = Given("currency", CharField()), Given("country", CharField())
    own = ShippingRate.objects.filter(method=OuterRef("pk"), currency=currency).exclude(country="")
    return ShippingMethod.objects.filter(is_active=True).annotate(
        rate_amount=_rate(OuterRef("pk"), currency=currency, country=country), differs=Exists(own)
    )


_ACTIVE_METHODS = Prepared[ShippingMethod](_active_methods)


def active_methods(currency: str, country: str) -> list[ShippingMethod]:
    """Also those that do not go to the country ('': not known yet): their `rate_amount` is None. `differs`: the country
    matters."""
    return _ACTIVE_METHODS.rows(currency=currency, country=country)


def offered(methods: Iterable[ShippingMethod]) -> list[ShippingMethod]:
    return [method for method in methods if method.rate_amount is not None]  # type: ignore[attr-defined]


def shipping_methods(currency: str, country: str) -> list[ShippingMethod]:
    """The methods on offer, each with `rate_amount` in the currency."""
    return offered(active_methods(currency, country))


def pieces_in_session(session_key: uuid.UUID | None) -> int:
    """How many pieces the session's live cart holds, in one query. Notes nothing as shown: no price is."""
    if session_key is None:
        return 0
    checkouts = Checkout.objects.filter(session_key=session_key)
    usable = checkouts.filter(
        Q(status=CheckoutStatus.PAYING) | Q(status=CheckoutStatus.ACTIVE, expires_at__gt=timezone.now())
    )
    return usable.aggregate(pieces=Sum("cart__lines__quantity"))["pieces"] or 0
