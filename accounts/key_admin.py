"""API keys for the merchant: made, rotated, revoked. A secret is shown in the answer that made it and never again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts import keys
from accounts.models import ApiKey
from common.admin import BoundedListMixin


class ApiKeyAdmin(BoundedListMixin, ModelAdmin):
    list_display = ("name", "scope", "begins_with", "state", "last_used_at", "created_at", "created_by")
    list_filter = ("scope",)
    prefix_fields = ("name",)
    search_help_text = "Name (its beginning) or id"
    sortable_by = ("name",)
    fields = ("name", "scope", "begins_with", "state", "last_used_at", ("created_at", "created_by"), "rotated_at")
    actions = ("rotate_selected", "revoke_selected")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:  # noqa: ARG002
        return self.fields if obj else ("name", "scope")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:  # noqa: ARG002
        own = ("begins_with", "state", "last_used_at", "created_at", "created_by", "rotated_at")
        return (*own, "scope") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Revoked is enough: who called with it stays known."""
        return False

    def has_act_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("accounts.change_apikey")

    @display(description="Begins with")
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.prefix}..."

    @display(description="State", label={"in use": "success", "revoked": "danger"})
    def state(self, key: ApiKey) -> str:
        return "revoked" if key.is_revoked else "in use"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002
        if change:
            obj.save(update_fields=["name"])
            return
        obj.created_by = request.user.get_username()
        obj.shown_once = keys.give_secret(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:  # noqa: ARG002
        return self._show(request, obj, obj.shown_once)

    # --- acts ---
    @admin.action(description="Rotate: another secret, the old one is refused at once", permissions=["act"])
    def rotate_selected(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        found = list(chosen[:2])
        if len(found) != 1 or found[0].is_revoked:
            self.message_user(request, "Choose one key that is not revoked.", messages.ERROR)
            return None
        secret = keys.rotate(found[0])
        self.log_change(request, found[0], "Rotated.")
        return self._show(request, found[0], secret)

    @admin.action(description="Revoke", permissions=["act"])
    def revoke_selected(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        for key in chosen.filter(revoked_at__isnull=True):
            keys.revoke(key.pk)
            self.log_change(request, key, "Revoked.")
            self.message_user(request, f"{key} is revoked.", messages.SUCCESS)

    def _show(self, request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
        """In the answer itself: a redirect would have to keep the secret somewhere on the way."""
        context = {**self.admin_site.each_context(request), "title": "API key", "key": key, "secret": secret}
        return TemplateResponse(request, "admin/api_key_secret.html", context)
