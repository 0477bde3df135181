"""A button on a record's page: what it does is done, said, and the page moves on. A refusal is said in one sentence: in
the dialog, with what was typed, where something was typed, else on the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from common.errors import DomainError
from common.presses import pressing
from dashboard.act_forms import ActForm
from dialects.staff_sentences import told_to_staff
from payments.link_admin import dialog, moved_to


def asks(title: str, description: str, form: type[ActForm] = ActForm) -> Any:
    shown = dialog(title, description)
    return {**shown, "form_class": partial(form, dialog=shown)}


def may(permission: str) -> Callable[..., bool]:
    """A `has_<name>_permission` of an admin, for `permissions=["<name>"]` of a button. Named in full there, the theme's
    checks would ask the database for it, also when there are no tables yet."""

    def is_allowed(self: Any, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG001 - a method
        return request.user.has_perm(permission)

    return is_allowed


class Presses:
    """Of an admin with such buttons."""

    def press(self, request: HttpRequest, form: ActForm, object_id: str, act: Callable[[Any], str]) -> HttpResponse:
        """`act` takes the row and answers with what there is to say."""
        model_admin: Any = self
        row = model_admin.get_object(request, object_id)
        if row is None:
            raise Http404
        try:
            with pressing():
                said = act(row)
            model_admin.message_user(request, said, messages.SUCCESS)
        except DomainError as error:
            if form.visible_fields():
                return _asked_again(request, form, error)
            model_admin.message_user(request, told_to_staff(error), messages.ERROR)
        label = f"{row._meta.app_label}_{row._meta.model_name}"
        return moved_to(request, reverse(f"admin:{label}_change", args=[row.pk]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what can be done to the row as it is now."""
        model_admin: Any = self
        shown: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        row = model_admin.get_object(request, object_id)
        if row is None:
            return []
        hidden = {f"{row._meta.app_label}_{row._meta.model_name}_{name}" for name in self.not_now(row)}
        return [action for action in shown if action.action_name not in hidden]

    def not_now(self, row: Any) -> set[str]:  # noqa: ARG002
        """Names of buttons that would be refused."""
        return set()


def _asked_again(request: HttpRequest, form: ActForm, error: DomainError) -> HttpResponse:
    """The dialog with what was typed, as it is asked now: the record may have changed since it was opened."""
    again = type(form)(data=request.POST, request=request, object_id=form.object_id, dialog=form.dialog)
    again.refuse(error)
    shown = {"dialog": again.dialog, "form": again, "form_submit_text": again.dialog["form_submit_text"]}
    return render(request, "unfold/helpers/dialog.html", shown)
