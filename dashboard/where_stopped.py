"""At which step of the funnel a shopper stopped, in a sentence on the page of their cart and of their checkout, and
what they were refused on the way."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from analytics import steps
from analytics.definitions import STEP_TITLES
from carts.models import Cart
from carts.states import BOUGHT, CartStatus
from checkouts.models import Checkout
from common.admin import asked_once
from dashboard import refused


def sentence(cart: Cart, checkouts: QuerySet[Checkout]) -> str:
    """Of the newest of these checkouts; '' where the cart is bought or no step is missing. One query at most."""
    passed = {} if cart.status in BOUGHT else steps.passed(checkouts)
    missing = [name for name, is_passed in passed.items() if not is_passed]
    if not missing:
        return ""
    begins = "So far" if cart.status == CartStatus.ACTIVE else "Stopped"
    return f"{begins} after “{_before(missing[0])}”, before “{STEP_TITLES[missing[0]]}”{_lacking(cart, passed)}."


def _before(step: str) -> str:
    names = list(STEP_TITLES)
    return STEP_TITLES[names[names.index(step) - 1]]


def _lacking(cart: Cart, passed: dict[str, bool]) -> str:
    if not cart.email:
        return ": no e-mail address given"
    is_only_begun = sum(passed.values()) == 1
    return ": nothing given after the e-mail address" if is_only_begun else ""


class SaysWhereStopped:
    """Of an admin: two fields in the first part of the page, each where there is something to say."""

    def stop_of(self, row: Any) -> str:
        raise NotImplementedError

    def cart_of(self, row: Any) -> Cart:
        raise NotImplementedError

    @display(description="How far it came")
    @asked_once
    def where_stopped(self, row: Any) -> str:
        return self.stop_of(row)

    @display(description="What was refused")
    @asked_once
    def what_was_refused(self, row: Any) -> str:
        return refused.lines(self.cart_of(row))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "where_stopped", "what_was_refused")  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        (title, first), *rest = super().get_fieldsets(request, obj)  # type: ignore[misc]
        said = [name for name in ("where_stopped", "what_was_refused") if obj is not None and getattr(self, name)(obj)]
        return [(title, {**first, "fields": (*first["fields"], *said)}), *rest]
