"""Signing in to the dashboard: name, password and, where the second step is on, a code; judged together. Nobody is
signed in before all of it is right, so there is no half session to do anything with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts import second_step

CODE_NEEDED = "Enter the code that your authenticator app shows now, or a recovery code."
CODE_WRONG = "This code is not right, was used before, or came too soon after a wrong one. Wait for the next one."


class SignInForm(AuthenticationForm):
    code = forms.CharField(
        label="Code",
        required=False,
        max_length=40,
        help_text="Only if you have switched on the second step.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": " ".join(BASE_INPUT_CLASSES), "spellcheck": "false"}
        ),
    )

    def confirm_login_allowed(self, user: Any) -> None:
        """The password is right. A wrong code counts as a failed sign-in."""
        super().confirm_login_allowed(user)
        if not user.has_second_step:
            return
        code = self.cleaned_data.get("code") or ""
        if not code:
            raise ValidationError(CODE_NEEDED, code="code_needed")
        if not second_step.passes(user, code):
            given = {"username": user.get_username()}
            user_login_failed.send(sender=__name__, credentials=given, request=self.request)
            raise ValidationError(CODE_WRONG, code="code_wrong")
        user.otp_device = second_step.device_of(user)  # the session is told when it begins
