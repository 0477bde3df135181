"""What shoppers of the simulation tell its checks: no more than what they did."""

from __future__ import annotations

import pytest

from carts.models import Cart, Door
from carts.states import CartStatus
from demo.simulation.acts import Shoppers
from demo.simulation.people import Person
from demo.simulation.plan import Plan
from demo.simulation.script import Act, Deed, write
from tests.factories import demo_shop
from tests.recovery.carts import make_abandoned

pytestmark = pytest.mark.django_db
WITH_AN_ACCOUNT = next(number for number in range(100) if Person(number).has_account)


@pytest.fixture
def shoppers() -> Shoppers:
    demo_shop()
    stories = write(Plan(carts=200, seed=1)).stories
    return Shoppers(stories=[*(story for story in stories if story.is_tracked)][:1], has_to_wait=False)


def buy(shoppers: Shoppers, cart: Cart) -> None:
    shoppers.carts[0] = cart.pk
    shoppers.play(Act(Deed.BUY, WITH_AN_ACCOUNT, 0))


def test_a_cart_that_its_store_marked_was_not_bought_with_an_account_by_pressing_again(shoppers):
    cart = make_abandoned(door=Door.TRACKER)
    buy(shoppers, cart)
    buy(shoppers, cart)
    cart.refresh_from_db()
    assert cart.status == CartStatus.RECOVERED
    assert shoppers.also_known_as == {}


def test_one_that_is_bought_here_by_somebody_with_an_account_is_known_under_it(shoppers):
    cart = make_abandoned(door=Door.TRACKER, status=CartStatus.ACTIVE)
    buy(shoppers, cart)
    assert shoppers.also_known_as == {cart.pk: Person(WITH_AN_ACCOUNT).other_address}
