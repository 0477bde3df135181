"""When a shopper is to hear that money went back: once for each request, when nothing of it is open any more."""

from __future__ import annotations

from django.db.models import Max

from orders.models import Order
from outbox import services as outbox
from outbox.models import OutboxEvent
from payments.failure_news import moves_into_review
from payments.models import Refund
from payments.states import RefundStatus

SURPLUS = "surplus"  # the request key of money that goes back by itself
REVIEW = "review:"  # begins the request key of money that staff found not to be the order's
REFUNDED_EVENT = "order.refunded"


def note(refund: Refund) -> None:
    """Of one that is done or refused. Needs the order's row lock, and the refund to be saved.

    Money that came to an order beside what had paid it, and was found not to be the order's, is none of this shopper's
    news. Whose order waited for the decision was told to wait, and hears of it.
    """
    if _is_a_strangers(refund) or _is_told_by_cancellation(refund):
        return
    rows = requested_with(refund)
    done = [row for row in rows if row.status == RefundStatus.DONE]
    if not done or any(row.status == RefundStatus.ASKED for row in rows) or _were_told_as_strangers(done):
        return
    amount = sum(row.amount for row in done)
    outbox.record(
        REFUNDED_EVENT, {"refund": rows[0].pk, "amount": amount}, key=_key(rows[0], rows[0].request_key, amount)
    )


def _is_a_strangers(refund: Refund) -> bool:
    """An order may have been bought otherwise since: who was told to wait hears of it all the same."""
    accepted_at = refund.payment.order.accepted_at
    if accepted_at is None or not refund.request_key.startswith(REVIEW):
        return False
    since = moves_into_review(refund.payment).aggregate(last=Max("at"))["last"]
    return since is None or since >= accepted_at


def _is_told_by_cancellation(refund: Refund) -> bool:
    """Written when a confirmed order was taken back, or since. What came by itself then is news of its own."""
    if _is_surplus(refund):
        return False
    taken_back = Order.objects.filter(accepted_at__isnull=False, canceled_at__lte=refund.created_at)
    return taken_back.filter(pk=refund.payment.order_id).exists()


def _is_surplus(refund: Refund) -> bool:
    return refund.request_key.startswith(f"{SURPLUS}:")


def requested_with(refund: Refund) -> list[Refund]:
    """All that one request takes back of an order, oldest first. Surplus is a request of each payment's own."""
    rows = Refund.objects.filter(payment__order=refund.payment.order_id, request_key=refund.request_key)
    if _is_surplus(refund):
        rows = rows.filter(payment=refund.payment_id)
    return list(rows.select_related("payment").order_by("id"))


def _were_told_as_strangers(rows: list[Refund]) -> bool:
    """The gateway listed one before it said that it was ours, and the shopper heard of it then."""
    keys = [_key(row, f"{row.payment.gateway}:{row.gateway_reference}"[:80], row.amount) for row in rows]
    own = _key(rows[0], rows[0].request_key, rows[0].amount)
    return OutboxEvent.objects.filter(key__in=[key for key in keys if key != own]).exists()


def _key(refund: Refund, request_key: str, amount: int) -> str:
    return f"{REFUNDED_EVENT}:{refund.payment.order_id}:{refund.payment_id}:{request_key}:{amount}"
