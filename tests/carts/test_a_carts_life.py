"""What services do to a cart's state, and that they do nothing its table does not name."""

from itertools import product

import pytest
from django.db import IntegrityError
from django.utils import timezone

from carts import services as carts
from carts.models import Cart, CartLine
from carts.states import BOUGHT, CART, CartStatus
from common.errors import DomainError, ErrorCode
from tests.factories import MEDIUM_BLUE_ID, demo_shirt

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_cart(status: str, *, was_abandoned: bool = False) -> Cart:
    return Cart.objects.create(currency="USD", status=status, first_abandoned_at=NOW if was_abandoned else None)


def touch(cart: Cart) -> None:
    carts.touch(cart, now=NOW)


def mark_bought(cart: Cart) -> None:
    carts.mark_bought(cart.pk, now=NOW)


def give_up(cart: Cart) -> None:
    carts.give_up(cart.pk)


@pytest.mark.parametrize("was_abandoned", [True, False])
@pytest.mark.parametrize(
    ("status", "verb"),
    list(product(CartStatus, [touch, mark_bought, give_up])),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_verb_stays_or_moves_as_the_table_says_and_a_second_time_changes_nothing(status, verb, was_abandoned):
    if status == CartStatus.ABANDONED and not was_abandoned:
        return  # there is no such cart: the state comes with the fact
    cart = make_cart(status, was_abandoned=was_abandoned)
    verb(cart)
    cart.refresh_from_db()
    assert cart.status == status or CART.allows(status, cart.status)
    after = cart.status
    verb(cart)
    cart.refresh_from_db()
    assert cart.status == after


@pytest.mark.parametrize(("was_abandoned", "after"), [(True, CartStatus.RECOVERED), (False, CartStatus.CONVERTED)])
@pytest.mark.parametrize("status", [CartStatus.ACTIVE, CartStatus.EXPIRED])
def test_buying_is_recovering_when_it_had_ever_been_abandoned(status, was_abandoned, after):
    cart = make_cart(status, was_abandoned=was_abandoned)
    mark_bought(cart)
    cart.refresh_from_db()
    assert (cart.status, cart.bought_at) == (after, NOW)


def test_coming_back_takes_away_the_state_and_never_the_fact():
    cart = make_cart(CartStatus.ABANDONED, was_abandoned=True)
    touch(cart)
    cart.refresh_from_db()
    assert (cart.status, cart.first_abandoned_at) == (CartStatus.ACTIVE, NOW)


@pytest.mark.parametrize("status", BOUGHT)
def test_what_is_bought_stays_bought(status):
    cart = make_cart(status)
    for verb in (touch, mark_bought, give_up):
        verb(cart)
    cart.refresh_from_db()
    assert cart.status == status


@pytest.mark.parametrize(("current", "target"), list(product(CartStatus, CartStatus)))
def test_a_move_that_is_not_in_the_table_is_refused(current, target):
    if CART.allows(current, target):
        CART.check(current, target)
        assert current in CART.sources(target)
        return
    with pytest.raises(DomainError) as refusal:
        CART.check(current, target)
    assert refusal.value.code is ErrorCode.ILLEGAL_MOVE


class TestRowsTheDatabaseRefuses:
    @pytest.fixture
    def line(self):
        demo_shirt()
        return CartLine.objects.create(cart=make_cart(CartStatus.ACTIVE), variant_id=MEDIUM_BLUE_ID, quantity=1)

    def test_two_lines_of_one_variant(self, line):
        with pytest.raises(IntegrityError):
            CartLine.objects.create(cart=line.cart, variant_id=MEDIUM_BLUE_ID, quantity=1)

    def test_a_line_of_nothing(self, line):
        with pytest.raises(IntegrityError, match="line_of_something"):
            CartLine.objects.update(quantity=0)
