"""A second step for tests: it is switched on, and the app shows its codes."""

from __future__ import annotations

from datetime import timedelta

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_step
from accounts.models import User

NOON = "2026-01-05T12:00:00Z"
HALF_A_MINUTE = timedelta(seconds=30)


def code_now(user: User) -> str:
    """What the user's app shows."""
    device = TOTPDevice.objects.get(user=user)
    return f"{TOTP(device.bin_key).token():06d}"


def switched_on(user: User) -> list[str]:
    """The recovery codes; the code of this half minute is spent."""
    second_step.begin(user)
    codes = second_step.confirm(user, code_now(user))
    assert codes
    return codes
