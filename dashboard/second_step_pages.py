"""The second step of signing in: each member of staff switches their own on and off; who may, a colleague's off."""

from __future__ import annotations

import base64
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as remember
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import second_step
from accounts.admin import UserAdmin
from accounts.models import User
from accounts.sign_in_form import CODE_WRONG
from common.errors import DomainError
from dashboard import acts
from dashboard.bulk import NO_CHANGE
from dashboard.pressing import Presses, asks, may
from dashboard.staff_log import note
from dialects.staff_sentences import told_to_staff


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class UserPage(Presses, UserAdmin):
    actions_detail = ("reset_second_step",)

    has_reset_second_step_permission = may("accounts.reset_second_step")

    def not_now(self, user: User) -> set[str]:
        return set() if user.has_second_step else {"reset_second_step"}

    @action(
        description="Switch off second step",
        permissions=["reset_second_step"],
        url_path="reset-second-step",
        dialog=asks(
            "Switch off second step",
            "For somebody whose phone and recovery codes are gone: make sure that it is they who ask. Their name and "
            "password are enough until they switch it on again.",
        ),
    )
    def reset_second_step(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(colleague: User) -> str:
            if colleague.pk == request.user.pk or not self.is_within_reach(request, colleague):
                raise PermissionDenied  # one's own goes off by a code only
            was_on = acts.reset_second_step(colleague, by=request.user)  # type: ignore[arg-type]
            return "Their second step is off." if was_on else f"{NO_CHANGE}."

        return self.press(request, form, object_id, act)

    # --- one's own ---
    def get_urls(self) -> list[URLPattern]:
        page = require_http_methods(["GET", "POST"])(never_cache(sensitive_post_parameters()(self.own_second_step)))
        return [path("own-second-step/", self.admin_site.admin_view(page), name="own_second_step"), *super().get_urls()]

    def own_second_step(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        wanted = {"begin": self._begin, "confirm": self._confirm, "codes": self._renew, "off": self._switch_off}
        verb = wanted.get(request.POST.get("do", "")) if request.method == "POST" else None
        if verb is None:
            return self._show(request)
        try:
            return verb(request, User.objects.get(pk=user.pk))
        except DomainError as error:
            self.message_user(request, told_to_staff(error), messages.ERROR)
            return self._show(request)

    def _begin(self, request: HttpRequest, user: User) -> HttpResponse:
        device = second_step.begin(user)
        return self._show(request, device=device)

    def _confirm(self, request: HttpRequest, user: User) -> HttpResponse:
        codes = second_step.confirm(user, _code(request))
        if not codes:
            is_on = user.has_second_step
            self.message_user(request, f"{NO_CHANGE}." if is_on else CODE_WRONG, messages.ERROR)
            return self._show(request, device=None if is_on else second_step.pending_of(user))
        remember(request, second_step.device_of(user))
        note(user, user, "Switched on the second step.")
        return self._show(request, is_on=True, codes=codes)

    def _renew(self, request: HttpRequest, user: User) -> HttpResponse:
        if not self._is_they(request, user):
            return self._show(request)
        codes = second_step.renew_codes(user)
        note(user, user, "Made new recovery codes.")
        return self._show(request, codes=codes)

    def _switch_off(self, request: HttpRequest, user: User) -> HttpResponse:
        if not self._is_they(request, user):
            return self._show(request)
        if second_step.switch_off(user):
            note(user, user, "Switched off the second step.")
            self.message_user(request, "The second step is off.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:own_second_step"))

    def _is_they(self, request: HttpRequest, user: User) -> bool:
        """A session that was left open is not enough for this."""
        if user.has_second_step and second_step.passes(user, _code(request)):
            return True
        self.message_user(request, CODE_WRONG, messages.ERROR)
        return False

    def _show(
        self, request: HttpRequest, *, device: Any = None, is_on: bool | None = None, codes: list[str] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        is_on = user.has_second_step if is_on is None else is_on
        context = {
            **self.admin_site.each_context(request),
            "title": "Second step",
            "is_on": is_on,
            "codes": codes or [],
            "codes_left": second_step.codes_left(user) if is_on else 0,
            "form": CodeForm(),
            "qr": _qr(device.config_url) if device else "",
            "secret": base64.b32encode(device.bin_key).decode() if device else "",
        }
        return TemplateResponse(request, "admin/second_step.html", context)


def _code(request: HttpRequest) -> str:
    form = CodeForm(request.POST)
    return str(form.cleaned_data["code"]) if form.is_valid() else ""


def _qr(address: str) -> str:
    """Inline SVG: no file and no other host ever sees the secret."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, light="#fff", border=4)
    return mark_safe(drawn)  # noqa: S308 - drawn by the library, out of squares
