"""A payment's life on one screen. A payment is one attempt to move money; an order may have several.

Only an explicit yes or no of the gateway is one: silence leaves it `processing` until somebody has asked.
"""

from django.db.models import TextChoices

from common.states import Machine


class PaymentStatus(TextChoices):
    CREATED = "created"  # written down, the gateway not yet asked (or we died asking)
    PROCESSING = "processing"  # asked; no clear answer yet
    REQUIRES_ACTION = "requires_action"  # the shopper has to approve it at the gateway
    AUTHORIZED = "authorized"  # the money is held for us
    CAPTURED = "captured"  # the money is ours, all of it or a part
    DECLINED = "declined"  # a clear no
    VOIDED = "voided"  # given back before it was taken
    REVIEW = "review"  # the gateway's answer does not match what we asked: a person decides


S = PaymentStatus
PAYMENT = Machine(
    "payment",
    {
        (S.CREATED, S.PROCESSING): "no clear answer",
        (S.CREATED, S.REQUIRES_ACTION): "the gateway wants the shopper's approval",
        (S.CREATED, S.AUTHORIZED): "yes, held",
        (S.CREATED, S.CAPTURED): "yes, taken",
        (S.CREATED, S.DECLINED): "no",
        (S.CREATED, S.REVIEW): "another amount or currency than asked",
        (S.PROCESSING, S.REQUIRES_ACTION): "found out: the shopper's approval is wanted",
        (S.PROCESSING, S.AUTHORIZED): "found out: held",
        (S.PROCESSING, S.CAPTURED): "found out: taken",
        (S.PROCESSING, S.DECLINED): "found out: no, or the gateway never heard of it",
        (S.PROCESSING, S.VOIDED): "given up before it went through",
        (S.PROCESSING, S.REVIEW): "found out: another amount or currency",
        (S.REQUIRES_ACTION, S.PROCESSING): "the shopper approved, the gateway is at work",
        (S.REQUIRES_ACTION, S.AUTHORIZED): "approved and held",
        (S.REQUIRES_ACTION, S.CAPTURED): "approved and taken",
        (S.REQUIRES_ACTION, S.DECLINED): "the shopper or the bank refused",
        (S.REQUIRES_ACTION, S.VOIDED): "not approved in time",
        (S.REQUIRES_ACTION, S.REVIEW): "approved, with another amount or currency",
        (S.AUTHORIZED, S.CAPTURED): "captured",
        (S.AUTHORIZED, S.VOIDED): "given back",
        (S.AUTHORIZED, S.REVIEW): "captured with another amount or currency",
        (S.CAPTURED, S.REVIEW): "said again, with another amount or currency",
        (S.DECLINED, S.CAPTURED): "it went through after all: money is never ignored",
        (S.DECLINED, S.REVIEW): "it went through after all, with another amount or currency",
        (S.VOIDED, S.CAPTURED): "it went through after all: money is never ignored",
        (S.VOIDED, S.REVIEW): "it went through after all, with another amount or currency",
        (S.REVIEW, S.CAPTURED): "settled by staff: ours",
        (S.REVIEW, S.DECLINED): "settled by staff: not ours",
    },
)
# An order has at most one of these at a time: the next try waits for a clear answer.
OPEN = (S.CREATED, S.PROCESSING, S.REQUIRES_ACTION)
IN_DOUBT = (S.CREATED, S.PROCESSING)
ACCEPTED = (S.AUTHORIZED, S.CAPTURED)
REFUSED = (S.DECLINED, S.VOIDED)


class RefundStatus(TextChoices):
    ASKED = "asked"  # written down; the gateway has not said clearly yet, or has yet to do it
    DONE = "done"  # the money is on its way back
    REFUSED = "refused"  # the gateway would not, or the money came back: nothing was paid back
    UNKNOWN = "unknown"  # never clearly answered, too old to repeat: a person decides, and it counts until then


R = RefundStatus
REFUND = Machine(
    "refund",
    {
        (R.ASKED, R.DONE): "the gateway has it among its refunds",
        (R.ASKED, R.REFUSED): "the gateway would not even try, or it failed there",
        (R.ASKED, R.UNKNOWN): "no clear answer as long as it could be repeated under the same key",
        (R.UNKNOWN, R.ASKED): "found at the gateway, which has yet to do it",
        (R.UNKNOWN, R.DONE): "found at the gateway after all",
        (R.UNKNOWN, R.REFUSED): "found at the gateway: it failed there",
        (R.DONE, R.REFUSED): "the bank sent the money back: it is ours again",
        (R.REFUSED, R.DONE): "refused to us, and yet found at the gateway: money is never ignored",
    },
)
ON_ITS_WAY = (R.ASKED, R.UNKNOWN)  # counted as paid back already, so that nothing is paid back twice


class EventStatus(TextChoices):
    RECEIVED = "received"  # stored; not worked on yet
    WAITING = "waiting"  # about something we do not know yet: worked on when it appears
    DONE = "done"  # the gateway was asked, and what it said is known here
    IGNORED = "ignored"  # of no kind we use, or of another system's payment


E = EventStatus
EVENT = Machine(
    "gateway event",
    {
        (E.RECEIVED, E.WAITING): "its payment is not known here",
        (E.RECEIVED, E.DONE): "worked on",
        (E.RECEIVED, E.IGNORED): "nothing to do with us",
        (E.WAITING, E.DONE): "its payment appeared",
        (E.WAITING, E.IGNORED): "nothing of that reference appeared as long as we wait",
        (E.DONE, E.RECEIVED): "replayed by staff",
        (E.IGNORED, E.RECEIVED): "replayed by staff",
        (E.WAITING, E.RECEIVED): "replayed by staff",
    },
)


class LinkState(TextChoices):
    """How a payment link stands: read from its row, its order and what it was made for, and kept nowhere."""

    OPEN = "open"  # can be paid
    PAID = "paid"  # what it was for is bought, by this link or otherwise
    ASKING = "asking"  # money is on its way and the gateway has not said clearly: nobody is to pay again
    ENDED = "ended"  # by staff, or a newer link took its place
    EXPIRED = "expired"  # its time is over
    CLOSED = "closed"  # its cart or order is no longer to be paid
    CHANGED = "changed"  # its cart or order is no longer what it was made for
