"""The editable part of cart and checkout: how many of each line, and the discount code.

Every button of the page sends the whole form, so that nothing typed is lost; what differs is the button's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from carts.queries import BasketLine
from carts.services import MAX_PIECES
from catalog.pictures import picture_url
from checkouts import services
from checkouts.pages.refusals import WENT_ON
from checkouts.pages.sentences import words
from checkouts.queries import CheckoutView
from common.cards import without_card_numbers
from common.errors import DomainError, ErrorCode
from common.templatetags.shop import number

REMOVE = "remove:"  # remove:<variant id>
REMOVE_CODE = "remove_code"
_GOES_ON = {"checkout", "place"}
_LEADS_ELSEWHERE = (*WENT_ON, ErrorCode.BUSY)


@dataclass
class Row:
    """A line as the page shows it: with what was typed, and what is wrong with it."""

    line: BasketLine
    typed: str
    error: str = ""  # of what was typed
    problem: str = ""  # why the line cannot be bought as it stands, known before anybody presses a button

    @property
    def name(self) -> str:
        return f"quantity-{self.line.variant_id}"

    @property
    def removing(self) -> str:
        """What the button says that takes the line away."""
        return f"{REMOVE}{self.line.variant_id}"

    @property
    def picture(self) -> str:
        return picture_url(self.line.offer.product_slug, self.line.offer.variant_name)


class BasketForm:
    def __init__(self, view: CheckoutView, posted: Mapping[str, str] | None = None) -> None:
        self.view = view
        self.posted = posted
        self.errors: dict[int, str] = {}  # by variant id
        self.typed_code, self.refused_code = self._code_in("code"), self._code_in("refused_code")
        self.code_error = ""

    def _code_in(self, name: str) -> str:
        typed = (self.posted or {}).get(name, "").replace("\0", "")  # PostgreSQL keeps no zero byte, nor looks for one
        return without_card_numbers(typed.strip())[:40]

    @property
    def rows(self) -> list[Row]:
        return [self._row(line) for line in self.view.lines]

    def _row(self, line: BasketLine) -> Row:
        error = self.errors.get(line.variant_id, "")
        typed = self._typed(line) if error else str(line.quantity)
        return Row(line, typed, error, "" if error else self._problem(line, line.offer.variant_name))

    def _problem(self, line: BasketLine, name: str) -> str:
        if not line.offer.can_be_bought:
            return gettext("%(product)s is no longer for sale. Remove it to go on.") % {
                "product": line.offer.product_name
            }
        has_no_hold = self.view.checkout.order_id is None  # an earlier try holds pieces that `available` leaves out
        if has_no_hold and line.quantity > line.offer.available:
            values = {"variant": name, "available": max(line.offer.available, 0)}
            return words(DomainError(ErrorCode.NOT_ENOUGH_STOCK, **values))
        return ""

    @property
    def standing_problems(self) -> list[tuple[str, str]]:
        """(id of the line's field, sentence): what cannot be bought as it stands, told before anybody pays."""
        return [(row.name, self._problem(row.line, row.line.offer.full_name)) for row in self.rows if row.problem]

    @property
    def has_errors(self) -> bool:
        return bool(self.errors or self.code_error)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, sentence): what is wrong with what was typed."""
        found = [(row.name, row.error) for row in self.rows if row.error]
        return found + ([("code", self.code_error)] if self.code_error else [])

    @property
    def first_error(self) -> str:
        return next((sentence for _, sentence in self.problems), "")

    def save(self, session_key: UUID | None, action: str) -> CheckoutView:
        """Does what was typed and pressed; what cannot be done is noted as an error beside its field.

        Raises DomainError where the checkout itself is not there to be changed.
        """
        for line in list(self.view.lines):
            if action == self._row(line).removing:
                self._remove(session_key, line)
            else:
                self._set_quantity(session_key, line)
        self._save_code(session_key, action)
        return self.view

    def _typed(self, line: BasketLine) -> str:
        return (self.posted or {}).get(f"quantity-{line.variant_id}", str(line.quantity)).strip()[:12]

    def _remove(self, session_key: UUID | None, line: BasketLine) -> None:
        offer = line.offer
        self.view = services.remove_item(session_key, product_id=offer.product_id, line_variant_id=line.variant_id)

    def _set_quantity(self, session_key: UUID | None, line: BasketLine) -> None:
        typed = self._typed(line)
        if not (typed.isascii() and typed.isdigit() and int(typed) <= MAX_PIECES):
            self.errors[line.variant_id] = gettext("Enter a whole number up to %(most)s.") % {
                "most": number(MAX_PIECES)
            }
        elif int(typed) == 0:
            self._remove(session_key, line)
        elif int(typed) != line.quantity:
            self._try(line.variant_id, session_key, line, int(typed))

    def _try(self, variant_id: int, session_key: UUID | None, line: BasketLine, quantity: int) -> None:
        try:
            self.view = services.change_item(
                session_key, product_id=line.offer.product_id, line_variant_id=variant_id, quantity=quantity
            )
        except DomainError as error:
            if error.code in _LEADS_ELSEWHERE:
                raise
            self.errors[variant_id] = words(error)

    def _save_code(self, session_key: UUID | None, action: str) -> None:
        if action == REMOVE_CODE:
            self.view = services.remove_discount(session_key)
        elif self.typed_code and action in _GOES_ON and self.typed_code == self.refused_code:
            self.typed_code = ""  # they were told that it does not work, and go on all the same
        elif self.typed_code:
            self._try_code(session_key)
        elif action == "apply_code":
            self.code_error = gettext("Enter a code.")

    def _try_code(self, session_key: UUID | None) -> None:
        try:
            self.view = services.apply_discount(session_key, self.typed_code)
            self.typed_code = ""
        except DomainError as error:
            if error.code in _LEADS_ELSEWHERE:
                raise
            self.code_error = words(error)
