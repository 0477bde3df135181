"""The grammar every gateway speaks: six verbs, one request, one answer.

A decline is an answer, never an exception. `GatewayUnavailable` means nobody knows what happened (time-out, broken
connection, 5xx): the payment stays in doubt until a look-up says. `GatewayRefused` means the gateway would not even
try (a method that does not take this currency, a token it does not know): nothing happened, and nothing will.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.utils import timezone

# Gateways keep a key for a day at least. What is older is never asked for again: it might move money twice.
KEY_IS_GOOD_FOR = timedelta(hours=23)


class Outcome(StrEnum):
    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    APPROVED = "approved"  # the shopper said yes; taking the money is our next call
    PROCESSING = "processing"
    VOIDED = "voided"
    UNKNOWN = "unknown"  # the gateway has never heard of it


class DeclineCode(StrEnum):
    """Why a card was refused, in words every gateway's own codes are translated to."""

    GENERIC = "generic_decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    LOST_OR_STOLEN = "lost_or_stolen"
    AUTHENTICATION_FAILED = "authentication_failed"
    LIMIT_EXCEEDED = "limit_exceeded"
    CANCELED_BY_SHOPPER = "canceled_by_shopper"


@dataclass(frozen=True)
class ChargeRequest:
    """A request to move money. `key` is the idempotency key: the same key asked twice moves money once.

    `amount` in minor units. `instrument` is the gateway's token or the phone number, never a card number.
    `asked_at`: when the payment began, the same for every repeat of its key.
    """

    key: str
    provider: str
    amount: int
    currency: str
    instrument: str
    order_reference: str
    return_url: str
    asked_at: datetime = field(default_factory=timezone.now)


class RefundState(StrEnum):
    """Of a refund at the gateway. It only moves down this list; one that was done may fail later."""

    PENDING = "pending"  # taken on; nobody knows yet whether it will be done
    DONE = "done"
    FAILED = "failed"  # called off, or the bank sent the money back: it is the shop's


@dataclass(frozen=True)
class GatewayRefund:
    """One refund as the gateway has it. `amount` in minor units of the payment's currency.

    `key`: the idempotency key we asked for it with, '' for one that was made elsewhere. `message`: why it failed.
    """

    reference: str
    amount: int
    state: RefundState
    key: str = ""
    message: str = ""


@dataclass(frozen=True)
class GatewayResult:
    """What the gateway says of a payment, whole: applying it twice, or late, changes nothing more.

    `amount`, `captured_amount`, `refunded_amount`: minor units of `currency`, totals so far. `refunded_amount` is
    what is done; `refunds` lists every refund, the pending and the failed ones too.
    """

    outcome: Outcome
    reference: str = ""
    amount: int = 0
    currency: str = ""
    captured_amount: int = 0
    refunded_amount: int = 0
    decline_code: str = ""
    message: str = ""
    action_url: str = ""
    client_secret: str = ""  # for the gateway's own script in the shopper's browser; never stored
    paid_under: str = ""  # of money that others took: the gateway's own order that it was paid for
    refunds: tuple[GatewayRefund, ...] = ()
    card_fingerprint: str = ""  # the same for the same card, whatever token it came as; kept as a digest only
    # Which try a decline was, where one payment may be tried with several cards (in the browser).
    attempt: str = ""
    needs_a_person: bool = False  # nothing and nobody here can find out any more; `message` says why

    @property
    def goes_back(self) -> bool:
        """Whether some of it was paid back, or may be any moment."""
        return self.refunded_amount > 0 or any(refund.state != RefundState.FAILED for refund in self.refunds)


@dataclass(frozen=True)
class Hint:
    """What an event tells of the payment it is about, '' where it does not. Never believed: the gateway is asked.

    `reference`: what the gateway calls the payment. `parts`: what it calls things that belong to it, such as a capture.
    `key`, `refund_key`: the idempotency keys of the payment and of a refund of it, where the gateway kept them.
    `trail`: what the gateway's `trace` can tell the rest by, where the event alone does not tell whose it is.
    """

    is_wanted: bool = True  # of a kind that can be about a payment
    reference: str = ""
    parts: tuple[str, ...] = ()
    key: str = ""
    refund_key: str = ""
    trail: str = ""


class GatewayUnavailable(Exception):
    """No clear answer: it may have happened or not."""


class GatewayRefused(Exception):
    """A clear "I will not even try": wrong token, method not possible in this currency. Nothing was done."""


def canceled_url(return_url: str) -> str:
    """Where a gateway's own page sends a shopper who did not approve."""
    return f"{return_url}{'&' if '?' in return_url else '?'}canceled=1"


class Gateway(Protocol):
    """Every mutating verb takes an idempotency key and raises GatewayUnavailable or GatewayRefused."""

    def understands(self, instrument: str) -> bool:
        """Whether this can be one of the gateway's card tokens; what cannot be is refused before anything is asked."""

    def card_of(self, instrument: str) -> str:
        """The card's fingerprint, where the token alone tells it; '' where only the gateway's answer does."""

    def prepare(self, request: ChargeRequest) -> GatewayResult:
        """A charge the shopper confirms in the browser, with the gateway's own script and the answer's `client_secret`.

        The instrument is not used. The answer is REQUIRES_ACTION without an `action_url`.
        """

    def host(self, request: ChargeRequest) -> GatewayResult:
        """A charge the shopper makes on the gateway's own page. The instrument is not used.

        The answer is REQUIRES_ACTION with the page's address in `action_url`; `void` closes the page.
        """

    def authorize(self, request: ChargeRequest) -> GatewayResult:
        """Hold the money; `capture` takes it later."""

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        """Hold and take at once."""

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        """Take what is held, or a part of it. Taking more than held raises GatewayRefused."""

    def void(self, reference: str, *, key: str) -> GatewayResult:
        """Give back what is held or still waits for the shopper. After a capture raises GatewayRefused."""

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        """Pay back, all or a part. More than is left of the capture raises GatewayRefused. How it went is told by the
        refund of this key in the answer's `refunds`."""

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:
        """What became of it, by reference or, where we never got one, by the key it was created with.

        `since`: when the payment began; what is older need not be looked through.
        """


class Tracing(Protocol):
    """A gateway that sends events."""

    def trace(self, trail: str) -> Hint:
        """Whose it is that an event names: its payment's reference and key. Raises GatewayUnavailable; all empty for
        what the gateway does not know."""
