"""An act on the rows that were ticked in a list: asked first, done to each by itself, and told what was done to how
many and why not to the others. What an act does twice is its own matter: it says that nothing has changed."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import OperationalError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.admin import several
from common.errors import DomainError, ErrorCode
from common.presses import pressing
from common.transactions import is_busy
from dialects.staff_sentences import told_to_staff
from recovery.mailer import MailServerAway

MOST_AT_ONCE = 100
_DIGITS_OF_AN_ID = 19  # and more of them are no 64 bit number
SECONDS = 20.0  # then the page is answered, whatever is left
NO_CHANGE = "It was so already: nothing has changed"
NOT_REACHED = "There was no time left for it: do it once more"


@dataclass(frozen=True)
class Press:
    """Who did it, when they were asked, and what they typed: the same page sent twice is one press."""

    by: User
    at: datetime
    given: Mapping[str, Any]


Act = Callable[[Any, Press], str]  # the row; '' where it was done, else why not


class PressForm(forms.Form):
    """`chosen`: the rows that it is about."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    pressed_at = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])
    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, chosen: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen

    @property
    def is_understood(self) -> bool:
        """What nobody typed is as the page had it."""
        return not any(field.errors for field in self.hidden_fields())


@dataclass(frozen=True)
class Bulk:
    """`done`: what was done, behind the number of one row and of several: "mail sent", "mails sent". `name_of`: what a
    row that was refused is called."""

    title: str
    warning: str
    done: tuple[str, str]
    act: Act
    form: type[PressForm] = PressForm
    template: str = "admin/bulk_confirm.html"
    name_of: Callable[[Any], object] = attrgetter("pk")


@dataclass
class Tally:
    done: list[Model] = field(default_factory=list)
    why_not: dict[str, list[Model]] = field(default_factory=lambda: defaultdict(list))

    def sentences(self, name_of: Callable[[Any], object]) -> Iterable[str]:
        """Why not, each reason once with the rows it held for."""
        for reason, rows in self.why_not.items():
            yield f"{len(rows):,} not: {reason.rstrip('.')} ({', '.join(str(name_of(row)) for row in rows)})."


def run(rows: Iterable[Model], act: Act, press: Press, *, seconds: float = SECONDS) -> Tally:
    """Does it to each, for so many seconds at most. A refusal of one is no matter of the others."""
    stop_at = time.monotonic() + seconds
    tally = Tally()
    for row in rows:
        reason = NOT_REACHED if time.monotonic() >= stop_at else _one(row, act, press)
        (tally.why_not[reason] if reason else tally.done).append(row)
    return tally


def _one(row: Model, act: Act, press: Press) -> str:
    try:
        with pressing():
            return act(row, press)
    except DomainError as error:
        return told_to_staff(error)
    except OperationalError as error:
        if not is_busy(error):
            raise
        return told_to_staff(DomainError(ErrorCode.BUSY))
    except MailServerAway as error:
        return f"The mail server could not be reached: {error}"


class PressesMany:
    """Of the admin of a list with such acts: an action's method hands its rows to `press_many`."""

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """What cannot be an id was ticked by nobody."""
        if not all(map(_is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            model_admin: Any = self
            model_admin.message_user(
                request, "That was not understood: please tick the rows once more.", messages.ERROR
            )
            return HttpResponseRedirect(self._list_address(request.GET.urlencode()))
        answer: HttpResponse | None = super().response_action(request, queryset)  # type: ignore[misc]
        return answer

    def press_many(self, request: HttpRequest, rows: QuerySet[Any], bulk: Bulk) -> HttpResponse:
        found = list(rows.order_by("pk")[: MOST_AT_ONCE + 1])
        chosen, is_cut = found[:MOST_AT_ONCE], len(found) > MOST_AT_ONCE
        is_confirmed = "confirmed" in request.POST
        form = bulk.form(request.POST if is_confirmed else None, initial=_initial(request), chosen=chosen)
        if not is_confirmed or not form.is_valid():
            return self._ask(request, chosen, bulk, form, is_cut=is_cut)
        who: Any = request.user
        tally = run(chosen, bulk.act, Press(who, form.cleaned_data["pressed_at"], form.cleaned_data))
        self._say(request, bulk, tally)
        return HttpResponseRedirect(self._list_address(form.cleaned_data["back"]))

    def _ask(
        self, request: HttpRequest, chosen: list[Any], bulk: Bulk, form: PressForm, *, is_cut: bool
    ) -> HttpResponse:
        """`is_cut`: more were ticked than can be done at once."""
        model_admin: Any = self
        if form.is_bound and not form.is_understood:  # not what the page asked with: once more, from the start
            form = bulk.form(initial=_initial(request), chosen=chosen)
            model_admin.message_user(request, "That was not understood: please confirm once more.", messages.ERROR)
        context = {
            **model_admin.admin_site.each_context(request),
            "title": bulk.title,
            "model_admin": model_admin,
            "bulk": bulk,
            "chosen": chosen,
            "is_cut": is_cut,
            "form": form,
            "action": request.POST.get("action", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
            "address": self._list_address(""),
            "back_address": self._list_address(form["back"].value() or ""),
        }
        return TemplateResponse(request, bulk.template, context)

    def _say(self, request: HttpRequest, bulk: Bulk, tally: Tally) -> None:
        model_admin: Any = self
        level = messages.SUCCESS if tally.done else messages.INFO
        model_admin.message_user(request, f"{several(len(tally.done), *bulk.done)}.", level)
        for sentence in tally.sentences(bulk.name_of):
            model_admin.message_user(request, sentence, messages.WARNING)

    def _list_address(self, query: str) -> str:
        """`query`: as it stands in an address; only this list's own address is ever led to."""
        model_admin: Any = self
        label = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
        address = reverse(f"admin:{label}_changelist")
        kept = QueryDict(query).urlencode()
        return f"{address}?{kept}" if kept else address


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS_OF_AN_ID


def _initial(request: HttpRequest) -> dict[str, Any]:
    return {"pressed_at": f"{timezone.now():%Y-%m-%dT%H:%M:%S.%f%z}", "back": request.GET.urlencode()[:2000]}
