"""What the simulated shop has: goods, and sequences that are on. Carts are written in bulk, as they come."""

from __future__ import annotations

import uuid
from collections.abc import Sequence as Many
from datetime import datetime, timedelta

from django.conf import settings

from carts import tracked
from carts.models import Cart, CartLine
from catalog.models import Stock
from checkouts.models import Checkout
from demo import catalog
from demo.goods import HISTORY_VARIANTS, SHIPPING
from demo.simulation.plan import SWITCHED_ON
from demo.simulation.script import Story
from recovery.models import Sequence, Step, StepText
from recovery.states import Audience

CURRENCY = "USD"
PLENTY = 10_000_000
RETIRED_ID = 93
HOUR, DAY = 3600, 86_400
# A mail's subject says which step of which sequence about which cart it is: all that the checks go by.
SUBJECT = "{step}: {{name}}"
BODY = "Hello {name},\n\nyour things at {shop} come to {amount}."
BODY_WITH_CODE = BODY + "\n\n{code} gives {discount} until {until}."


def lay_in() -> None:
    catalog.load()
    Stock.objects.filter(variant__in=[variant.id for variant in HISTORY_VARIANTS]).update(on_hand=PLENTY)
    _write_sequence("regulars", Audience.CUSTOMERS, (HOUR, 2 * DAY), minimum_amount=3000)
    _write_sequence("everybody", Audience.ALL, (HOUR, DAY, 3 * DAY), minimum_amount=0)


def _write_sequence(name: str, audience: Audience, delays: Many[int], *, minimum_amount: int) -> None:
    """The last step gives a code."""
    position = Sequence.objects.count()
    sequence = Sequence.objects.create(name=name, audience=audience, position=position, activated_at=SWITCHED_ON)
    for number, delay in enumerate(delays, start=1):
        is_last = number == len(delays)
        step = Step.objects.create(
            sequence=sequence,
            delay_seconds=delay,
            currency=CURRENCY,
            minimum_amount=minimum_amount,
            basis_points=1000 if is_last else 0,
        )
        subject = SUBJECT.format(step=f"{name} {number}")
        StepText.objects.create(step=step, language="en", subject=subject, body=BODY_WITH_CODE if is_last else BODY)


def name_of(story: Story) -> str:
    return f"Cart {story.number}"


def take_in(stories: Many[Story], now: datetime) -> dict[int, int]:
    """The carts of one moment. {story's number: cart's id}"""
    own = [story for story in stories if not story.is_tracked]
    ids = _take_in_own(own, now) if own else {}
    for is_active in (True, False):
        told = [story for story in stories if story.is_tracked and story.is_told_active == is_active]
        carts = tracked.add([_told(story) for story in told], currency=CURRENCY, now=now) if told else []
        ids |= {story.number: cart.pk for story, cart in zip(told, carts, strict=True)}
    return ids


def _told(story: Story) -> tracked.ToldCart:
    item = tracked.ToldItem("A thing of another store", story.pieces, 1500)
    return tracked.ToldCart(story.email, name_of(story), (item,), is_active=story.is_told_active)


def _take_in_own(stories: Many[Story], now: datetime) -> dict[int, int]:
    carts = Cart.objects.bulk_create(
        Cart(
            currency=CURRENCY,
            email=story.email,
            phone=story.phone,
            full_name=name_of(story) if story.email else "",
            created_at=now,
            updated_at=now,
            last_activity_at=now,
        )
        for story in stories
    )
    pairs = list(zip(stories, carts, strict=True))
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=_variant_of(story), quantity=story.pieces, created_at=now, updated_at=now)
        for story, cart in pairs
    )
    Checkout.objects.bulk_create(_checkout(story, cart, now) for story, cart in pairs if story.country)
    return {story.number: cart.pk for story, cart in pairs}


def _variant_of(story: Story) -> int:
    return RETIRED_ID if story.is_retired else HISTORY_VARIANTS[story.number % len(HISTORY_VARIANTS)].id


def _checkout(story: Story, cart: Cart, now: datetime) -> Checkout:
    return Checkout(
        cart=cart,
        session_key=uuid.uuid4(),
        shipping_address={
            "address_line1": f"{story.number} Mill Lane",
            "address_line2": "",
            "city": "Springfield",
            "state": "",
            "postal_code": "1050",
            "country": story.country,
        },
        shipping_method_id=SHIPPING[0][0],
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(seconds=settings.CHECKOUT_EXPIRES_AFTER_SECONDS),
    )
