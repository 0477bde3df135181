"""The second step itself: one code passes once, wrong ones slow the next down, recovery codes are spent."""

from __future__ import annotations

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_step
from accounts.models import RecoveryCode, User
from tests.accounts.codes import HALF_A_MINUTE, NOON, code_now, switched_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as at:
        yield at


@pytest.fixture
def ada(db, clock) -> User:
    return User.objects.create_user("ada", password="right", is_staff=True)


def test_a_code_of_the_app_passes_once(ada, clock):
    switched_on(ada)
    clock.shift(HALF_A_MINUTE)
    code = code_now(ada)
    assert [second_step.passes(ada, code) for _ in range(2)] == [True, False]


def test_the_code_that_switched_it_on_is_spent(ada, clock):
    second_step.begin(ada)
    code = code_now(ada)
    second_step.confirm(ada, code)
    assert not second_step.passes(ada, code)


@pytest.mark.parametrize("spelled", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_spaces_do_not_matter(ada, clock, spelled):
    switched_on(ada)
    clock.shift(HALF_A_MINUTE)
    assert second_step.passes(ada, spelled.format(code_now(ada)))


@pytest.mark.parametrize("odd", ["", "12345", "1234567", "abcdef", "²³¹²³¹", "٣٣٣٣٣٣", "a\0b", "x" * 500, "-1"])
def test_what_is_no_code_does_not_pass(ada, clock, odd):
    switched_on(ada)
    assert not second_step.passes(ada, odd)


def test_after_a_wrong_code_the_right_one_is_refused_for_a_while(ada, clock):
    switched_on(ada)
    clock.shift(HALF_A_MINUTE)
    wrong = f"{(int(code_now(ada)) + 1) % 1_000_000:06d}"
    assert [second_step.passes(ada, wrong), second_step.passes(ada, code_now(ada))] == [False, False]
    clock.shift(HALF_A_MINUTE * 2)
    assert second_step.passes(ada, code_now(ada))


def test_each_recovery_code_passes_once_for_its_owner_alone(ada, clock):
    codes = switched_on(ada)
    bea = User.objects.create_user("bea")
    switched_on(bea)
    assert len(set(codes)) == second_step.RECOVERY_CODES
    assert not second_step.passes(bea, codes[0])
    assert [second_step.passes(ada, codes[0].lower()), second_step.passes(ada, codes[0])] == [True, False]
    assert second_step.codes_left(ada) == second_step.RECOVERY_CODES - 1


def test_recovery_codes_are_kept_as_digests_only(ada, clock):
    codes = switched_on(ada)
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_new_recovery_codes_take_the_place_of_the_old(ada, clock):
    old = switched_on(ada)
    new = second_step.renew_codes(ada)
    assert [second_step.passes(ada, old[0]), second_step.passes(ada, new[0])] == [False, True]


def test_nothing_is_asked_for_before_it_is_confirmed(ada, clock):
    second_step.begin(ada)
    assert second_step.confirm(ada, "000000") == []
    ada.refresh_from_db()
    assert not ada.has_second_step


def test_once_it_is_on_it_is_not_begun_or_confirmed_again(ada, clock):
    switched_on(ada)
    secret = TOTPDevice.objects.get().key
    clock.shift(HALF_A_MINUTE)
    assert (second_step.begin(ada), second_step.confirm(ada, code_now(ada))) == (None, [])
    assert TOTPDevice.objects.get().key == secret


def test_switched_off_nothing_is_left_of_it(ada, clock):
    switched_on(ada)
    assert [second_step.switch_off(ada), second_step.switch_off(ada)] == [True, False]
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
