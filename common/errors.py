"""Every refusal of the domain, by name. Raised where it is known, dressed for the caller where it leaves (dialects)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class ErrorCode(StrEnum):
    # what was asked for does not exist
    PRODUCT_NOT_FOUND = "product_not_found"
    VARIANT_NOT_FOUND = "variant_not_found"
    CART_NOT_FOUND = "cart_not_found"
    CHECKOUT_NOT_FOUND = "checkout_not_found"
    LINE_NOT_FOUND = "line_not_found"
    SHIPPING_METHOD_NOT_FOUND = "shipping_method_not_found"
    ORDER_NOT_FOUND = "order_not_found"
    PAYMENT_NOT_FOUND = "payment_not_found"
    # what was asked for cannot be done as asked
    INVALID_VALUE = "invalid_value"  # reason
    VARIANT_NOT_FOR_SALE = "variant_not_for_sale"  # variant
    VARIANT_REQUIRED = "variant_required"  # the product has several, none was named
    VARIANT_MISMATCH = "variant_mismatch"  # not a variant of the product it was named with
    CURRENCY_UNKNOWN = "currency_unknown"  # currency: the shop has no price in it
    NOTHING_TO_PAY = "nothing_to_pay"  # a payment was wanted for a basket that costs nothing
    LINE_AMBIGUOUS = "line_ambiguous"  # several variants of one product are in the cart
    TOO_MANY_LINES = "too_many_lines"  # limit
    TOO_MANY_PIECES = "too_many_pieces"  # limit
    NOT_ENOUGH_STOCK = "not_enough_stock"  # variant, available: refused while shopping
    DISCOUNT_INVALID = "discount_invalid"  # reason, discount_code
    CHECKOUT_INCOMPLETE = "checkout_incomplete"  # missing: what the shopper has not given yet
    # what was asked for was right once, and no longer is
    CHECKOUT_COMPLETED = "checkout_completed"
    PAYMENT_IN_PROGRESS = "payment_in_progress"
    TOTAL_CHANGED = "total_changed"
    SOLD_OUT = "sold_out"  # variant, available: refused at completion
    DISCOUNT_GONE = "discount_gone"  # reason, discount_code: refused at completion
    ORDER_NOT_PAYABLE = "order_not_payable"  # paid, canceled or past its time
    CART_CLOSED = "cart_closed"  # status: bought, or nobody came back for it
    LINK_DEAD = "link_dead"  # a payment link that was used, ended or outlived what it was made for
    CART_KEPT = "cart_kept"  # not to be deleted: a shopper's own, or money may be on its way for it
    ILLEGAL_MOVE = "illegal_move"  # what, current, target
    # what staff wanted of an order or a payment
    ORDER_NOT_PAID = "order_not_paid"  # or all of it went back
    ORDER_SHIPPED = "order_shipped"  # it is on its way: too late for this
    ORDER_HAS_MONEY = "order_has_money"  # amount, currency: to be paid back with it
    GOODS_MISSING = "goods_missing"  # paid for, and not on the shelf
    EMAIL_MISSING = "email_missing"  # nobody to write to
    PAYMENT_NEEDED = "payment_needed"  # an accepted order stands on it
    GATEWAY_REFUSED = "gateway_refused"  # reason
    GATEWAY_SILENT = "gateway_silent"  # perhaps it was done: asking again is safe
    # payment
    PAYMENT_DATA_INVALID = "payment_data_invalid"  # reason
    PAYMENT_PROVIDER_UNKNOWN = "payment_provider_unknown"  # provider
    CAPTURE_TAKEN = "capture_taken"  # money reported under this id is in the books already
    CAPTURE_NOT_VERIFIED = "capture_not_verified"  # the gateway does not know it, or not like that
    REFERENCE_TAKEN = "reference_taken"  # another cart's order goes by this name
    PAYMENT_DECLINED = "payment_declined"  # decline_code, reason
    TOO_MANY_DECLINES = "too_many_declines"  # retry_after: seconds
    REFUND_REFUSED = "refund_refused"  # reason: the gateway would not
    REFUND_TOO_LARGE = "refund_too_large"  # refundable, currency
    # a prepaid balance
    BALANCE_TOO_LOW = "balance_too_low"  # wanted, available, currency
    BALANCE_CURRENCY = "balance_currency"  # wanted, currency: the balance is in another one
    SPENDING_CAP = "spending_cap"  # per (purchase or day), wanted, cap, spent, currency
    # the caller
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use"
    BUSY = "busy"


class DomainError(Exception):
    """A refusal with a code and the values that explain it. Carries no status and no sentence.

    `afterwards`: what is to be done once its transaction is rolled back (common.transactions), and must not fail.
    """

    def __init__(self, code: ErrorCode, **values: object) -> None:
        super().__init__(f"{code} {values}" if values else str(code))
        self.code = code
        self.values = values
        self.afterwards: Callable[[], None] | None = None
