"""What the guest checkout API says for each refusal of the domain, with the values that explain it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from common.errors import ErrorCode
from common.money import exponent, to_major
from dialects.base import Sentence

Values = Mapping[str, Any]
Money = Callable[[int, str], str]  # minor units and their currency, as whoever reads it is used to

_DISCOUNT_REASONS = {
    "unknown": "This discount code is not valid",
    "not_yet": "This discount code is not valid yet",
    "expired": "This discount code has expired",
    "used_up": "This discount code has been used up",
}


def _money(amount: int, currency: str) -> str:
    return f"{to_major(amount, currency):.{exponent(currency)}f} {currency}"


def _stock(values: Values) -> str:
    """'Only 3 of Medium / Blue are left.'"""
    left = values.get("available", 0)
    name = values.get("variant") or "this item"
    if not left:
        return f"{str(name)[0].upper()}{str(name)[1:]} is sold out."
    return f"Only {left} of {name} {'is' if left == 1 else 'are'} left."


def _discount(values: Values, money: Money) -> str:
    reason = str(values.get("reason", "unknown"))
    minimum, currency = values.get("minimum_amount"), values.get("currency")
    if reason == "below_minimum" and minimum and currency:
        return f"This discount code needs a basket of at least {money(minimum, currency)}."
    return _DISCOUNT_REASONS.get(reason, "This discount code cannot be used") + "."


def _incomplete(values: Values) -> str:
    missing = values.get("missing") or ()
    names = [missing] if isinstance(missing, str) else [str(name) for name in missing]
    return f"The checkout is not complete yet. Missing: {', '.join(names)}."


def _invalid(values: Values) -> str:
    return (
        f"{values['field']}: {values['reason']}" if values.get("field") else str(values.get("reason", "Invalid value"))
    )


def _shipping_method(values: Values) -> str:
    if "method" not in values:
        return "Shipping method not found"
    where = f"shipping to {values['country']}" if values.get("country") else "shipping before the country is known"
    return f"{values['method']} is not offered for {where}."


def _not_for_sale(values: Values) -> str:
    return f"{values.get('variant') or 'This product'} is not for sale."


def _declined(values: Values) -> str:
    return f"Payment failed: {values.get('reason') or 'the payment was declined'}".rstrip(".") + "."


def _closed(values: Values) -> str:
    return f"The cart is {values.get('status') or 'closed'} and can no longer be paid."


def _too_many_declines(values: Values) -> str:
    seconds = int(values.get("retry_after", 0))
    minutes = -(-seconds // 60)
    wait = f"{minutes} minutes" if minutes > 1 else "a minute"
    return f"Too many payments were declined. Please try again in {wait}."


def _payment_data(values: Values) -> str:
    return str(values.get("reason") or "The payment data is not valid.")


def _provider(values: Values) -> str:
    return f"Unknown payment provider: {str(values.get('provider', ''))[:50]}."


def _refund(values: Values, money: Money) -> str:
    if values.get("currency"):
        return f"At most {money(int(values.get('refundable', 0)), values['currency'])} can be refunded."
    return "More than was paid cannot be refunded."


def _refund_refused(values: Values) -> str:
    return f"The payment provider would not refund: {values.get('reason') or 'no reason given'}".rstrip(".") + "."


def _too_low(values: Values, money: Money) -> str:
    if not values.get("currency"):
        return "The balance is too low."
    wanted, available = (money(int(values[name]), values["currency"]) for name in ("wanted", "available"))
    return f"The balance is too low: {wanted} is needed and {available} is there."


def _balance_currency(values: Values) -> str:
    has, wanted = values.get("currency", "another currency"), values.get("wanted", "this currency")
    return f"The balance is in {has} and the price in {wanted}."


def _cap(values: Values, money: Money) -> str:
    if not values.get("currency"):
        return "This is more than may be spent."
    wanted, cap, spent = (money(int(values.get(name, 0)), values["currency"]) for name in ("wanted", "cap", "spent"))
    if values.get("per") == "day":
        return f"{wanted} is more than is left of today's cap: {spent} of {cap} is spent or being spent."
    return f"{wanted} is more than the cap of {cap} a purchase."


def _has_money(values: Values, money: Money) -> str:
    if "currency" in values:
        kept = money(int(values.get("amount", 0)), values["currency"])
        return f"{kept} was paid for this order: cancel it with paying back."
    return "Money was paid for this order: cancel it with paying back."


def _gateway_refused(values: Values) -> str:
    return f"The payment provider would not: {values.get('reason') or 'no reason given'}".rstrip(".") + "."


def _currency(values: Values) -> str:
    return f"Nothing is sold in {str(values.get('currency', 'this currency'))[:10]}."


def move(values: Values) -> str:
    what, current, target = (values.get(name, "") for name in ("what", "current", "target"))
    return f"The {what} is {current} and cannot become {target}."


def _variants(values: Values) -> str:
    variants = ", ".join(str(variant) for variant in values.get("variants") or ())
    return "This product has several variants: name one with variant_id" + (f" ({variants})." if variants else ".")


def _too_many(what: str, values: Values) -> str:
    return f"At most {values['limit']} {what}." if "limit" in values else f"Too many {what}."


def with_amounts(money: Money) -> dict[ErrorCode, Sentence]:
    """Those that say how much."""
    said = {
        ErrorCode.DISCOUNT_INVALID: _discount,
        ErrorCode.DISCOUNT_GONE: _discount,
        ErrorCode.ORDER_HAS_MONEY: _has_money,
        ErrorCode.REFUND_TOO_LARGE: _refund,
        ErrorCode.BALANCE_TOO_LOW: _too_low,
        ErrorCode.SPENDING_CAP: _cap,
    }
    return {code: partial(sentence, money=money) for code, sentence in said.items()}


SENTENCES: Mapping[ErrorCode, Sentence] = {
    **with_amounts(_money),
    ErrorCode.PRODUCT_NOT_FOUND: "Product not found",
    ErrorCode.VARIANT_NOT_FOUND: "Product variant not found",
    ErrorCode.CART_NOT_FOUND: "Cart not found",
    ErrorCode.CHECKOUT_NOT_FOUND: "Checkout not found",
    ErrorCode.LINE_NOT_FOUND: "Product not found in checkout",
    ErrorCode.SHIPPING_METHOD_NOT_FOUND: _shipping_method,
    ErrorCode.ORDER_NOT_FOUND: "Order not found",
    ErrorCode.PAYMENT_NOT_FOUND: "Payment not found",
    ErrorCode.INVALID_VALUE: _invalid,
    ErrorCode.VARIANT_NOT_FOR_SALE: _not_for_sale,
    ErrorCode.VARIANT_REQUIRED: _variants,
    ErrorCode.VARIANT_MISMATCH: "This variant is not one of this product.",
    ErrorCode.CURRENCY_UNKNOWN: _currency,
    ErrorCode.NOTHING_TO_PAY: "There is nothing to pay.",
    ErrorCode.LINE_AMBIGUOUS: "Several variants of this product are in the checkout: name the one that is meant.",
    ErrorCode.TOO_MANY_LINES: lambda values: _too_many("different items fit in one checkout", values),
    ErrorCode.TOO_MANY_PIECES: lambda values: _too_many("pieces of one item can be bought at once", values),
    ErrorCode.NOT_ENOUGH_STOCK: _stock,
    ErrorCode.CHECKOUT_INCOMPLETE: _incomplete,
    ErrorCode.CHECKOUT_COMPLETED: "This checkout is already completed.",
    ErrorCode.PAYMENT_IN_PROGRESS: "A payment for this checkout is in progress. Its outcome is not known yet.",
    ErrorCode.TOTAL_CHANGED: "The total has changed. Look at the checkout again before completing it.",
    ErrorCode.SOLD_OUT: _stock,
    ErrorCode.ORDER_NOT_PAYABLE: "This order can no longer be paid.",
    ErrorCode.CART_CLOSED: _closed,
    ErrorCode.LINK_DEAD: "This payment link can no longer be used.",
    ErrorCode.CART_KEPT: "This cart is kept: it is a shopper's own, or has had a payment link.",
    ErrorCode.ILLEGAL_MOVE: move,
    ErrorCode.ORDER_NOT_PAID: "This order is not paid, or all of it was paid back.",
    ErrorCode.ORDER_SHIPPED: "This order is on its way already.",
    ErrorCode.GOODS_MISSING: "The goods of this order are not on the shelf: have it take them when they have come.",
    ErrorCode.EMAIL_MISSING: "This order has no e-mail address.",
    ErrorCode.PAYMENT_NEEDED: "An accepted order stands on this payment: cancel the order to let go of it.",
    ErrorCode.GATEWAY_REFUSED: _gateway_refused,
    ErrorCode.GATEWAY_SILENT: "The gateway gave no clear answer. Trying again is safe: nothing is done twice.",
    ErrorCode.PAYMENT_DATA_INVALID: _payment_data,
    ErrorCode.PAYMENT_PROVIDER_UNKNOWN: _provider,
    ErrorCode.CAPTURE_TAKEN: "This capture is already in the books.",
    ErrorCode.CAPTURE_NOT_VERIFIED: "This capture could not be verified.",
    ErrorCode.REFERENCE_TAKEN: "Another order goes by this reference.",
    ErrorCode.PAYMENT_DECLINED: _declined,
    ErrorCode.TOO_MANY_DECLINES: _too_many_declines,
    ErrorCode.REFUND_REFUSED: _refund_refused,
    ErrorCode.BALANCE_CURRENCY: _balance_currency,
    ErrorCode.IDEMPOTENCY_KEY_INVALID: "Idempotency-Key must be 1 to 255 printable ASCII characters.",
    ErrorCode.IDEMPOTENCY_KEY_REUSED: "This Idempotency-Key was used with another body.",
    ErrorCode.IDEMPOTENCY_KEY_IN_USE: "A request with this Idempotency-Key is still being worked on.",
    ErrorCode.BUSY: "The shop is busy. Please try again.",
}
