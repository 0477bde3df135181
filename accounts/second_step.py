"""Signing in with a second step: a code of an authenticator app (TOTP, by django-otp), or one of ten recovery codes.

Who has switched it on is on the user's own row, so that looking costs nothing. A code is judged under the row lock of
what it is judged by: one code passes once, however many tries there are at the same moment. The app's secret has to be
kept as it is; recovery codes are 80 random bits, kept as digests.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import RecoveryCode, User
from common.transactions import in_transaction

RECOVERY_CODES = 10
_BYTES = 10
_APP_CODE = re.compile(r"\d{6}", re.ASCII)
_LONGEST = 40


def device_of(user: User) -> TOTPDevice | None:
    """What passed for the user, as the session remembers it; None where the second step is off."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


# --- passing it -----------------------------------------------------------------------------------
@in_transaction
def passes(user: User, code: str) -> bool:
    """Whether this code is good now. It is spent by that; after a wrong one the app's codes are refused for a while,
    twice as long each time. Raises DomainError(BUSY)."""
    given = "".join(code.split()).replace("-", "").upper()[:_LONGEST]
    if not _APP_CODE.fullmatch(given):
        return _spend(user, given)
    device = TOTPDevice.objects.select_for_update(no_key=True).filter(user=user, confirmed=True).first()
    return device is not None and bool(device.verify_token(given))


def _spend(user: User, code: str) -> bool:
    own = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at__isnull=True)
    return bool(own.update(used_at=timezone.now()))


# --- switching it on and off ----------------------------------------------------------------------
@in_transaction
def begin(user: User) -> TOTPDevice | None:
    """A fresh secret to be taken into an app; nothing is asked for it before it is confirmed. None where the second
    step is on already."""
    if _locked(user).has_second_step:
        return None
    TOTPDevice.objects.filter(user=user).delete()
    return TOTPDevice.objects.create(user=user, name="Authenticator app", confirmed=False)


def pending_of(user: User) -> TOTPDevice | None:
    """What `begin` has made and nobody has confirmed."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


@in_transaction
def confirm(user: User, code: str) -> list[str]:
    """The recovery codes, the only time that they are known; none where the code is wrong or nothing was begun."""
    row = _locked(user)
    device = TOTPDevice.objects.select_for_update(no_key=True).filter(user=user, confirmed=False).first()
    given = "".join(code.split())
    if row.has_second_step or device is None or not _APP_CODE.fullmatch(given) or not device.verify_token(given):
        return []
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    User.objects.filter(pk=user.pk).update(has_second_step=True)
    user.has_second_step = True
    return _fresh_codes(user)


@in_transaction
def renew_codes(user: User) -> list[str]:
    """Others in the place of all there were."""
    _locked(user)
    return _fresh_codes(user)


@in_transaction
def switch_off(user: User) -> bool:
    """Whether it was on. The name and password are enough then."""
    was_on = _locked(user).has_second_step
    TOTPDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(has_second_step=False)
    user.has_second_step = False
    return was_on


def _locked(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _fresh_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
