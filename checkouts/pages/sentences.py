"""What a page says for each refusal of the domain that a shopper can meet, in their language.

The guest API says much the same, in English for ever: its words are its document's, these are the pages'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, ErrorCode
from common.templatetags.shop import country as country_name
from common.templatetags.shop import gateway_words, money, number
from dialects.guest import GUEST

Values = Mapping[str, Any]
Sentence = str | Promise | Callable[[Values], str]

_DISCOUNT_REASONS = {
    "unknown": _("This discount code is not valid."),
    "not_yet": _("This discount code is not valid yet."),
    "expired": _("This discount code has expired."),
    "used_up": _("This discount code has been used up."),
}


def words(error: DomainError) -> str:
    """One sentence for a person. The API's, where no page of the shop leads to the refusal."""
    say = SENTENCES.get(error.code)
    if say is None:
        sentence = GUEST.sentence(error)
        return sentence if sentence.endswith(".") else f"{sentence}."
    return say(error.values) if callable(say) else str(say)


def _stock(values: Values) -> str:
    left, name = values.get("available", 0), values.get("variant") or gettext("this item")
    if not left:
        return gettext("%(product)s is sold out.") % {"product": f"{str(name)[0].upper()}{str(name)[1:]}"}
    sentence = ngettext("Only %(number)s of %(product)s is left.", "Only %(number)s of %(product)s are left.", left)
    return sentence % {"number": left, "product": name}


def _discount(values: Values) -> str:
    reason = str(values.get("reason", "unknown"))
    minimum, currency = values.get("minimum_amount"), values.get("currency")
    if reason == "below_minimum" and minimum and currency:
        sentence = gettext("This discount code needs a basket of at least %(amount)s.")
        return sentence % {"amount": money(minimum, currency)}
    return str(_DISCOUNT_REASONS.get(reason) or gettext("This discount code cannot be used."))


def _total_changed(values: Values) -> str:
    if "total" not in values:
        return gettext("The total has changed. Have a look, then place the order again.")
    sentence = gettext("The total is now %(total)s. Nothing was charged: have a look, then place the order again.")
    return sentence % {"total": money(values["total"], values["currency"])}


def not_there(method: str, country: str) -> str:
    sentence = gettext(
        "%(method)s is not offered for this country: %(country)s. Please choose another way of shipping."
    )
    return sentence % {"method": method, "country": country_name(country)}


def _method_not_found(values: Values) -> str:
    if values.get("method") and values.get("country"):
        return not_there(values["method"], values["country"])
    return gettext("Shipping method not found.")


def _not_for_sale(values: Values) -> str:
    return gettext("%(product)s is not for sale.") % {"product": values.get("variant") or gettext("This product")}


def _declined(values: Values) -> str:
    return gettext("Payment failed: %(reason)s") % {"reason": gateway_words(_said(values, "The payment was declined."))}


def _gateway_refused(values: Values) -> str:
    reason = gateway_words(_said(values, "This way to pay is not possible here."))
    return gettext("The payment provider would not: %(reason)s") % {"reason": reason}


def _said(values: Values, otherwise: str) -> str:
    said = str(values.get("reason") or otherwise)
    return said if said.endswith(".") else f"{said}."


def _too_many_declines(values: Values) -> str:
    minutes = max(-(-int(values.get("retry_after", 0)) // 60), 1)
    sentence = ngettext(
        "Too many payments were declined. Please try again in a minute.",
        "Too many payments were declined. Please try again in %(minutes)s minutes.",
        minutes,
    )
    return sentence % {"minutes": minutes}


def _too_many_lines(values: Values) -> str:
    return gettext("At most %(number)s different items fit in one checkout.") % {"number": number(values["limit"])}


def _too_many_pieces(values: Values) -> str:
    return gettext("At most %(number)s pieces of one item can be bought at once.") % {"number": number(values["limit"])}


SENTENCES: Mapping[ErrorCode, Sentence] = {
    ErrorCode.PRODUCT_NOT_FOUND: _("Product not found."),
    ErrorCode.VARIANT_NOT_FOUND: _("Product variant not found."),
    ErrorCode.CART_NOT_FOUND: _("Cart not found."),
    ErrorCode.CHECKOUT_NOT_FOUND: _("Checkout not found."),
    ErrorCode.LINE_NOT_FOUND: _("Product not found in checkout."),
    ErrorCode.SHIPPING_METHOD_NOT_FOUND: _method_not_found,
    ErrorCode.VARIANT_NOT_FOR_SALE: _not_for_sale,
    ErrorCode.NOTHING_TO_PAY: _("There is nothing to pay."),
    ErrorCode.TOO_MANY_LINES: _too_many_lines,
    ErrorCode.TOO_MANY_PIECES: _too_many_pieces,
    ErrorCode.NOT_ENOUGH_STOCK: _stock,
    ErrorCode.SOLD_OUT: _stock,
    ErrorCode.DISCOUNT_INVALID: _discount,
    ErrorCode.DISCOUNT_GONE: _discount,
    ErrorCode.CHECKOUT_INCOMPLETE: _("The checkout is not complete yet."),
    ErrorCode.CHECKOUT_COMPLETED: _("This checkout is already completed."),
    ErrorCode.PAYMENT_IN_PROGRESS: _("A payment for this checkout is in progress. Its outcome is not known yet."),
    ErrorCode.TOTAL_CHANGED: _total_changed,
    ErrorCode.ORDER_NOT_PAYABLE: _("This order can no longer be paid."),
    ErrorCode.CART_CLOSED: _("The cart is closed and can no longer be paid."),
    ErrorCode.LINK_DEAD: _("This payment link can no longer be used."),
    ErrorCode.GATEWAY_REFUSED: _gateway_refused,
    ErrorCode.GATEWAY_SILENT: _("The gateway gave no clear answer. Trying again is safe: nothing is done twice."),
    ErrorCode.PAYMENT_DATA_INVALID: _("The payment data is not valid."),
    ErrorCode.PAYMENT_PROVIDER_UNKNOWN: _("Unknown payment provider."),
    ErrorCode.PAYMENT_DECLINED: _declined,
    ErrorCode.TOO_MANY_DECLINES: _too_many_declines,
    ErrorCode.BUSY: _("The shop is busy. Please try again."),
}
