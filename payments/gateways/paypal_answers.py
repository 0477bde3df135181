"""PayPal's JSON in the words of the gateway grammar: money, refusals, orders, captures. No call is made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_noop

from common.money import to_major, to_minor
from payments.gateways.base import (
    DeclineCode,
    GatewayRefund,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Outcome,
    RefundState,
)

Json = dict[str, Any]
_WHOLE_ONLY = {"HUF", "JPY", "TWD"}  # PayPal takes no decimals here, whatever ISO 4217 says
_TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}
_PAID_BACK = {"COMPLETED", "PENDING"}  # a pending refund may still go: nobody is to be given its money a second time
_REFUND_STATES = {
    "PENDING": RefundState.PENDING,
    "COMPLETED": RefundState.DONE,
    "FAILED": RefundState.FAILED,
    "CANCELLED": RefundState.FAILED,
}
_WAITS_FOR_PAYER = {"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"}
_DECLINED_ISSUES = {
    "INSTRUMENT_DECLINED": DeclineCode.GENERIC,
    "TRANSACTION_REFUSED": DeclineCode.GENERIC,
    "PAYER_CANNOT_PAY": DeclineCode.GENERIC,
    "PAYER_ACCOUNT_RESTRICTED": DeclineCode.GENERIC,
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": DeclineCode.GENERIC,
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": DeclineCode.INSUFFICIENT_FUNDS,
    "TRANSACTION_LIMIT_EXCEEDED": DeclineCode.LIMIT_EXCEEDED,
    "PAYER_ACTION_REQUIRED": DeclineCode.AUTHENTICATION_FAILED,
}
DECLINED = gettext_noop("PayPal declined this way of paying. Please choose another one, in PayPal or here.")


class PayPalRefusal(GatewayRefused):
    """PayPal's clear no. `issues`: its own codes, the name of the error first."""

    def __init__(self, status: int, body: Json) -> None:
        details = entries(body, "details")
        words = [str(detail.get("description") or detail.get("issue") or "") for detail in details]
        super().__init__(next(filter(None, words), str(body.get("message") or "PayPal refused.")))
        self.status = status
        self.issues = {str(body.get("name", "")), *(str(detail.get("issue", "")) for detail in details)}

    @property
    def decline_code(self) -> str:
        """Why the payer's money was not to be had, or '' where something else is the matter."""
        return next((str(code) for issue, code in _DECLINED_ISSUES.items() if issue in self.issues), "")


@dataclass(frozen=True)
class PayPalCapture:
    """A capture as PayPal has it. `amount` in minor units; `status` in PayPal's words, COMPLETED when the money is
    there; `order_id` is '' where PayPal does not say."""

    id: str
    amount: int
    currency: str
    status: str
    order_id: str


# --- money ------------------------------------------------------------------------------------------
def money(amount: int, currency: str) -> Json:
    """2499 USD -> {"currency_code": "USD", "value": "24.99"}. Raises GatewayRefused for decimals PayPal has not."""
    value = to_major(amount, currency)
    exact = value.quantize(Decimal(1) if currency in _WHOLE_ONLY else Decimal("0.01"))
    if exact != value:
        raise GatewayRefused(f"PayPal does not take {value} {currency}.")
    return {"currency_code": currency, "value": str(exact)}


def minor(said: Json) -> int:
    """{"currency_code": "USD", "value": "24.99"} -> 2499. Raises GatewayUnavailable for what cannot be read."""
    try:
        value, currency = said["value"], said["currency_code"]
        if not isinstance(value, str) or not isinstance(currency, str):
            raise ValueError("Money is text.")
        return to_minor(Decimal(value), currency)
    except (KeyError, ValueError, OverflowError, InvalidOperation) as error:
        raise GatewayUnavailable("PayPal's amount cannot be read.") from error


# --- parts of an order: what has another shape than documented is not there ---------------------------
def part(resource: Json, name: str) -> Json:
    found = resource.get(name)
    return found if isinstance(found, dict) else {}


def entries(resource: Json, name: str) -> list[Json]:
    found = resource.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def payments_of(order: Json, kind: str) -> list[Json]:
    """`kind`: captures, authorizations or refunds."""
    return [entry for unit in entries(order, "purchase_units") for entry in entries(part(unit, "payments"), kind)]


def taken(order: Json) -> list[Json]:
    return [capture for capture in payments_of(order, "captures") if capture.get("status") in _TAKEN]


def paid_back(order: Json) -> list[Json]:
    """Refunds that are done or may still be."""
    return [refund for refund in payments_of(order, "refunds") if refund.get("status") in _PAID_BACK]


def capture_of(refund: Json) -> str:
    """The id of the capture that was paid back, as its link `up` tells; '' where there is none."""
    return link(refund, "up").rpartition("/")[2]


def link(resource: Json, *relations: str) -> str:
    """The address of the first relation that there is, or ''."""
    found = {entry.get("rel"): str(entry.get("href", "")) for entry in entries(resource, "links")}
    return next((found[relation] for relation in relations if found.get(relation)), "")


def related_ids(resource: Json) -> Json:
    return part(part(resource, "supplementary_data"), "related_ids")


def amount_of(order: Json) -> tuple[int, str]:
    """(minor units, currency) of the order. Raises GatewayUnavailable where the answer does not tell."""
    units = entries(order, "purchase_units")
    if len(units) != 1:
        raise GatewayUnavailable("PayPal's order does not tell its amount.")
    said = [part(units[0], "amount")] if "amount" in units[0] else [part(one, "amount") for one in taken(order)]
    amount = sum(minor(one) for one in said)  # of a short answer: what was taken, which is never passed over
    if not amount:
        raise GatewayUnavailable("PayPal's order does not tell its amount.")
    return amount, str(said[0]["currency_code"])


# --- answers ----------------------------------------------------------------------------------------
def result_of(order: Json, *, made: Mapping[str, str] | None = None) -> GatewayResult:
    """An order, whole. `made`: {id of a refund: the key it was just asked for with}."""
    amount, currency = amount_of(order)
    outcome = _outcome(order)
    declined = outcome == Outcome.DECLINED
    refunds = listed(payments_of(order, "refunds"), made or {})
    return GatewayResult(
        outcome=outcome,
        reference=str(order.get("id", "")),
        amount=amount,
        currency=currency,
        captured_amount=sum(minor(part(capture, "amount")) for capture in taken(order)),
        refunded_amount=sum(refund.amount for refund in refunds if refund.state == RefundState.DONE),
        decline_code=DeclineCode.GENERIC if declined else "",
        message=DECLINED if declined else "",
        action_url=link(order, "payer-action", "approve") if outcome == Outcome.REQUIRES_ACTION else "",
        refunds=refunds,
    )


def listed(refunds: Iterable[Json], made: Mapping[str, str]) -> tuple[GatewayRefund, ...]:
    """Refunds as PayPal has them; `made` as in `result_of`."""
    return tuple(_refund(refund, made) for refund in refunds if refund.get("id"))


def _refund(said: Json, made: Mapping[str, str]) -> GatewayRefund:
    status = said.get("status")
    state = _REFUND_STATES.get(str(status), RefundState.PENDING)
    failure = "It was called off at PayPal." if status == "CANCELLED" else "PayPal could not pay it back."
    return GatewayRefund(
        reference=str(said["id"]),
        amount=minor(part(said, "amount")),
        state=state,
        key=made.get(str(said["id"])) or str(said.get("custom_id") or ""),
        message=failure if state == RefundState.FAILED else "",
    )


def _outcome(order: Json) -> Outcome:
    status = order.get("status")
    if status in _WAITS_FOR_PAYER:
        return Outcome.REQUIRES_ACTION
    if status == "VOIDED":
        return Outcome.VOIDED
    if status == "APPROVED":
        return Outcome.APPROVED
    return next(_outcomes_of_parts(order), Outcome.PROCESSING)


def _outcomes_of_parts(order: Json) -> Iterator[Outcome]:
    """A completed order is what its captures are, then what its authorizations are: money taken counts first."""
    captures = {capture.get("status") for capture in payments_of(order, "captures")}
    held = {authorization.get("status") for authorization in payments_of(order, "authorizations")}
    if captures & _TAKEN:
        yield Outcome.CAPTURED
    if "PENDING" in captures:
        yield Outcome.PROCESSING
    if "CREATED" in held:
        yield Outcome.AUTHORIZED
    if "VOIDED" in held:
        yield Outcome.VOIDED
    if captures & {"DECLINED", "FAILED"} or "DENIED" in held:
        yield Outcome.DECLINED


def declined(order: Json, code: str) -> GatewayResult:
    amount, currency = amount_of(order)
    return GatewayResult(
        Outcome.DECLINED, str(order.get("id", "")), amount, currency, decline_code=code, message=DECLINED
    )


def capture_from(said: Json) -> PayPalCapture:
    related = related_ids(said)
    kind, _, parent = link(said, "up").rpartition("/")  # of a capture: its order, or its authorization
    return PayPalCapture(
        id=str(said.get("id", "")),
        amount=minor(part(said, "amount")),
        currency=str(part(said, "amount")["currency_code"]),
        status=str(said.get("status", "")),
        order_id=str(related.get("order_id") or (parent if kind.endswith("/orders") else "")),
    )
