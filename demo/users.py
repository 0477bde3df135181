"""The demo's people, with the password the start prints: `merchant`, who may everything, `manager`, `support` and
`analyst`, who may what their roles allow, and `shopper`, who is no staff."""

from __future__ import annotations

from accounts import roles
from accounts.models import User
from dashboard.roles import ANALYST, MANAGER, OWNER, SUPPORT
from demo.credentials import CUSTOMER, OTHER_STAFF, STAFF, password

_ROLES = dict(zip((STAFF, *OTHER_STAFF), (OWNER, MANAGER, SUPPORT, ANALYST), strict=True))


def load() -> None:
    secret = password()
    for name in (STAFF, *OTHER_STAFF, CUSTOMER):
        user, is_new = User.objects.get_or_create(
            username=name,
            defaults={
                "email": f"{name}@example.com",
                "is_staff": name != CUSTOMER,
                "is_superuser": name == STAFF,
            },
        )
        if is_new:
            _join(user)
        if is_new or not user.check_password(secret):  # DEMO_PASSWORD may have changed since the last start
            user.set_password(secret)
            user.save()


def _join(user: User) -> None:
    """Of a role whose group was deleted nobody becomes a member."""
    role = _ROLES.get(user.username)
    group = roles.group_of(role) if role else None
    if group is not None:
        user.groups.add(group)
