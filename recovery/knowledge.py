"""Gathers what the policy decides on: one enrolment whose time has come, its cart, and all that is known of the
person. With the cart's and the person's rows locked it holds until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower

from carts import people
from carts.models import Cart, CartItem, CartLine, Door
from carts.states import CartStatus
from checkouts.models import Checkout
from recovery import bots, quiet
from recovery.detection import money_is_on_its_way
from recovery.models import Consent, Enrolment, Message, Sequence, Step, Suppression
from recovery.policy import PERSON_CAP_SPAN, Conditions, Decision, Facts, Limits, decide
from recovery.states import MAY_HAVE_ARRIVED, Outcome
from recovery.things import Thing, amount_of, things_of


@dataclass(frozen=True)
class Case:
    """One mail to decide on."""

    enrolment: Enrolment
    step: Step
    cart: Cart | None
    things: list[Thing]
    facts: Facts
    decision: Decision = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decision", decide(self.facts))

    @property
    def version(self) -> tuple[Any, ...]:
        """What a mail about it says: another version needs another mail."""
        cart = self.cart
        addressed = (cart.email, cart.full_name, cart.language) if cart else ()
        return (self.step.pk, *addressed, *self.things)


def limits() -> Limits:
    return Limits(
        audience=settings.RECOVERY_AUDIENCE,
        min_gap=timedelta(seconds=settings.RECOVERY_MIN_GAP_SECONDS),
        max_mails_a_cart=settings.RECOVERY_MAX_MAILS_PER_CART,
        max_mails_a_person=settings.RECOVERY_MAX_MAILS_PER_PERSON,
        quiet_hours=settings.RECOVERY_QUIET_HOURS,
    )


def running() -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(ended_at__isnull=True)


def due(now: datetime) -> QuerySet[Enrolment]:
    return running().filter(due_at__lte=now).order_by("due_at", "id")


def due_after(last: tuple[datetime, int] | None, now: datetime) -> QuerySet[Enrolment]:
    """What is due, from the given (due_at, id) on."""
    if last is None:
        return due(now)
    due_at, pk = last
    return due(now).filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk))


def next_step(enrolment: Enrolment) -> Step | None:
    """The first one that is sent and whose turn has not been, however the merchant has changed them meanwhile: one that
    was decided does not come again because its time was moved."""
    later = Step.objects.filter(sequence=enrolment.sequence_id, delay_seconds__gt=enrolment.decided_delay_seconds)
    decided = decided_messages().filter(enrolment=enrolment.pk, step=OuterRef("pk"))
    return later.filter(~Exists(decided), is_active=True).order_by("delay_seconds").first()


def decided_messages() -> QuerySet[Message]:
    """All but those that a mail server asked us to bring again."""
    return Message.objects.exclude(outcome=Outcome.WAITING)


def case_of(enrolment: Enrolment, step: Step, cart: Cart | None, *, bought_at: datetime | None, now: datetime) -> Case:
    """In three queries. `bought_at`: when the person last bought, under whichever of their addresses and numbers."""
    things = things_of(cart) if cart else []
    return Case(enrolment, step, cart, things, _facts(enrolment, step, cart, things, bought_at, now))


def _facts(
    enrolment: Enrolment, step: Step, cart: Cart | None, things: list[Thing], bought_at: datetime | None, now: datetime
) -> Facts:
    known = _of_person(enrolment, now) | (_of_cart(cart) if cart else _OF_NO_CART)
    sequence = enrolment.sequence
    return Facts(
        now=now,
        limits=limits(),
        conditions=conditions_of(step, cart),
        sequence_audience=sequence.audience,
        on_since=sequence.activated_at,
        spell_at=enrolment.spell_at,
        is_held_out=enrolment.is_held_out,
        cart_status=cart.status if cart else None,
        abandoned_at=cart.abandoned_at if cart else None,
        last_activity_at=cart.last_activity_at if cart else None,
        has_address=bool(cart and cart.email),
        can_be_bought=any(thing.can_be_bought for thing in things),
        items_amount=amount_of(things),
        currency=cart.currency if cart else "",
        bought_at=bought_at,
        is_bot=bots.is_bot(cart.email) if cart else False,
        zones=quiet.zones_of(str(known["country"])),
        **known,
    )


_OF_NO_CART: dict[str, Any] = {"is_being_paid": False, "mails_about_cart": 0, "has_newer_cart": False, "country": ""}


def _of_person(enrolment: Enrolment, now: datetime) -> dict[str, Any]:
    person = enrolment.person
    consents = Consent.objects.filter(person=person, withdrawn_at__isnull=True)
    mails = Message.objects.filter(person=person, outcome__in=MAY_HAVE_ARRIVED).order_by("-decided_at")
    lately = mails.filter(decided_at__gt=now - PERSON_CAP_SPAN).order_by().values("person")
    suppressed = Suppression.objects.filter(person=person)
    rows = Sequence.objects.filter(pk=enrolment.sequence_id).values(
        suppressed=Coalesce(Subquery(suppressed.values("reason")[:1]), Value("")),
        has_consent=Exists(consents),
        last_mail_at=Subquery(mails.values("decided_at")[:1]),
        mails_to_person=Coalesce(Subquery(lately.annotate(n=Count("pk")).values("n")), Value(0)),
    )
    return dict(rows[0])


def _of_cart(cart: Cart) -> dict[str, Any]:
    mails = Message.objects.filter(enrolment__cart=OuterRef("pk"), outcome__in=MAY_HAVE_ARRIVED)
    count = mails.order_by().values("enrolment__cart").annotate(n=Count("pk")).values("n")
    checkouts = Checkout.objects.filter(cart=OuterRef("pk")).order_by("-id")
    # A checkout that was begun by a link has no address: the one before it says where they live.
    said = Coalesce(KeyTextTransform("country", "shipping_address"), Value(""), output_field=CharField())
    countries = checkouts.annotate(country=said).exclude(country="")
    rows = Cart.objects.filter(pk=cart.pk).values(
        is_being_paid=money_is_on_its_way(),
        mails_about_cart=Coalesce(Subquery(count), Value(0)),
        has_newer_cart=Exists(newer_carts(cart)),
        country=Coalesce(Subquery(countries.values("country")[:1]), Value(""), output_field=CharField()),
    )
    return dict(next(iter(rows), _OF_NO_CART))  # without its lock a cart may be deleted while we look


def newer_carts(cart: Cart) -> QuerySet[Cart]:
    """The same person's other carts in which they did something later: with an order to come, or left in their turn."""
    others = Cart.objects.alias(address=Lower("email")).filter(address=cart.email.lower()).exclude(email="")
    holding = Exists(CartLine.objects.filter(cart=OuterRef("pk"))) | Exists(
        CartItem.objects.filter(cart=OuterRef("pk"))
    )
    open_ones = others.filter(holding, status__in=(CartStatus.ACTIVE, CartStatus.ABANDONED))
    return open_ones.filter(last_activity_at__gt=cart.last_activity_at).exclude(pk=cart.pk)


def conditions_of(step: Step, cart: Cart | None) -> Conditions:
    """A code below its floor, in a currency it has no amount in, or for another store's goods would be a promise that
    does not hold."""
    floor = step.floor_amount if step.gives_a_code else 0
    return Conditions(
        minimum_amount=max(step.minimum_amount, floor),
        currency=step.currency if step.minimum_amount or step.off_amount or floor else "",
        customer_kind=step.customer_kind,
        countries=frozenset(step.countries.replace(",", " ").split()),
        is_impossible=step.gives_a_code and cart is not None and cart.door == Door.TRACKER,
    )


def identities_of(cart: Cart | None) -> list[str]:
    """The digests under which the cart's owner may have bought."""
    return people.keys_of(emails=[cart.email], phones=[cart.phone]) if cart else []


def last_purchase(found: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in found if at is not None), default=None)
