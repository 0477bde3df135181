from collections.abc import Callable

import pytest
from django.core.management import call_command

from accounts import roles
from accounts.models import User
from dashboard.roles import ROLES
from orders.models import Order
from payments import services as payments
from tests.factories import demo_shop
from tests.payments.builders import make_order

_BY_KEY = {role.key: role for role in ROLES}


@pytest.fixture
def member(db) -> Callable[[str], User]:
    """A member of staff with that role, not a superuser."""
    call_command("make_roles", verbosity=0)

    def make(key: str) -> User:
        user = User.objects.create(username=f"one {key}", is_staff=True)
        group = roles.group_of(_BY_KEY[key])
        assert group is not None
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def staff_without_role(db) -> User:
    return User.objects.create(username="nobody's", is_staff=True)


@pytest.fixture
def order(db) -> Order:
    """Pending, its pieces held."""
    demo_shop()
    return make_order()


@pytest.fixture
def paid(order) -> Order:
    return payments.pay_order(order.pk, provider="stripe", instrument="tok_visa").order
