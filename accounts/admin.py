"""Who may sign in, what they may do, and who failed to. Nobody gives away more than they have: the powers of a user,
and superusers as a whole, are a superuser's to change."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import HttpRequest
from django_otp.plugins.otp_totp import admin as _  # noqa: F401 - registers what is taken off below
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.key_admin import ApiKeyAdmin
from accounts.models import ApiKey, User
from accounts.sign_in_form import SignInForm
from common.admin import ReadOnlyAdmin

_POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister(Group)
admin.site.unregister(TOTPDevice)  # its page would show secrets; what is to be done is on the user's
admin.site.login_form = SignInForm
admin.site.login_template = "admin/sign_in.html"
admin.site.register(ApiKey, ApiKeyAdmin)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Registered in dashboard.admin, with the second step."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "email",
        "first_name",
        "last_name",
        "is_staff",
        "is_active",
        "second_step",
        "last_login",
    )
    list_filter = ("is_staff", "is_active", "groups")
    show_full_result_count = False

    @display(description="Second step", boolean=True)
    def second_step(self, user: User) -> bool:
        return user.has_second_step

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        own = tuple(super().get_readonly_fields(request, obj)) + ("last_login", "date_joined")
        return own if _is_superuser(request) else (*own, *_POWERS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Never writes the second step: its owner may switch it on while this page is open."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        written = (field.name for field in obj._meta.concrete_fields if not field.primary_key)
        obj.save(update_fields=[name for name in written if name != "has_second_step"])

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_within_reach(request, obj)

    def is_within_reach(self, request: HttpRequest, user: User | None) -> bool:
        """Who may set the password of somebody with more powers has those powers."""
        if user is None or _is_superuser(request) or user.pk == request.user.pk:
            return True
        return not user.is_superuser and user.get_all_permissions() <= request.user.get_all_permissions()


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """A group's permissions are its members' permissions: a superuser's to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return _is_superuser(request)


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Failed sign-ins, counted by name and address. Deleting one lets its owner try again at once."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    fields = ("username", "ip_address", "user_agent", "path_info", "failures_since_start", "attempt_time")
    readonly_fields = ("attempt_time",)
    exact_fields = ("username",)
    sortable_by = ("attempt_time",)
    ordering = ("-attempt_time",)
    search_help_text = "User name or address"

    def text_condition(self, term: str) -> Q:
        try:
            return Q(ip_address=str(ip_address(term)))
        except ValueError:
            return super().text_condition(term)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("axes.delete_accessattempt")
