"""One code, many tries at the same moment: it passes once."""

from __future__ import annotations

import pytest
import time_machine

from accounts import second_step
from accounts.models import User
from tests.accounts.codes import NOON, code_now, switched_on
from tests.races.crowd import together

TRIES = 6


@pytest.fixture
def ada(transactional_db) -> User:
    user = User.objects.create_user("ada")
    with time_machine.travel(NOON, tick=False):
        switched_on(user)
    return user


def passed(user: User, code: str) -> int:
    return together(TRIES, lambda _: second_step.passes(user, code)).count(True)


def test_a_code_of_the_app_passes_once(ada):
    assert passed(ada, code_now(ada)) == 1


def test_a_recovery_code_passes_once(ada):
    assert passed(ada, second_step.renew_codes(ada)[0]) == 1
