"""Background doors of payments."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from common.retention import cut_off, in_batches
from outbox.jobs import scheduled_job
from payments import comparison, declines, events, expiry, holds, links, mails, reconcile, refunds, retention
from payments.models import Payment


@shared_task(name="payments.tasks.hear_test_gateway", ignore_result=True)
def hear_test_gateway(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `test_gateway.notified` event: what a real gateway would say by webhook. A hint only: we ask."""
    payment = Payment.objects.filter(gateway="test", gateway_reference=payload["reference"]).first()
    if payment is not None:
        reconcile.refresh(payment.pk, heard_from="webhook")


@shared_task(name="payments.tasks.give_back_surplus", ignore_result=True)
def give_back_surplus(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `payment.surplus` event: money came that has no order, and goes back by itself."""
    refunds.give_back(payload["payment"])


@shared_task(name="payments.tasks.work_on_gateway_event", ignore_result=True)
def work_on_gateway_event(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `gateway_event.received` event: a gateway told us something, and is asked about it now."""
    events.work(payload["event"])


@shared_task(name="payments.tasks.end_used_links", ignore_result=True)
def end_used_links(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of an `order.accepted` event: what its payment links asked for is bought."""
    links.end_used(payload["order"])


@shared_task(name="payments.tasks.void_holds", ignore_result=True)
def void_holds(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of an `order.canceled` event: money that is held for it is let go of."""
    holds.void_of(payload["order"])


@shared_task(name="payments.tasks.tell_part_paid", ignore_result=True)
def tell_part_paid(event_id: int, payload: dict[str, Any]) -> str:
    """Of an `order.part_paid` event."""
    return mails.send_part_paid(event_id, payload["order"])


@shared_task(name="payments.tasks.tell_failed", ignore_result=True)
def tell_failed(event_id: int, payload: dict[str, Any]) -> str:
    """Of a `payment.failed` event."""
    return mails.send_failed(event_id, payload["payment"])


@shared_task(name="payments.tasks.tell_in_review", ignore_result=True)
def tell_in_review(event_id: int, payload: dict[str, Any]) -> str:
    """Of a `payment.in_review` event."""
    return mails.send_in_review(event_id, payload["payment"])


@shared_task(name="payments.tasks.tell_refunded", ignore_result=True)
def tell_refunded(event_id: int, payload: dict[str, Any]) -> str:  # noqa: ARG001 - every handler gets both
    """Of an `order.refunded` event."""
    return mails.send_refunded(payload["refund"], amount=payload["amount"])


@shared_task(name="payments.tasks.tell_canceled", ignore_result=True)
def tell_canceled(event_id: int, payload: dict[str, Any]) -> str:  # noqa: ARG001 - every handler gets both
    """Of an `order.taken_back` event."""
    return mails.send_canceled(payload["order"])


@scheduled_job
def end_expired_links() -> int:
    """All that are due, in batches that hold their locks for a moment each."""
    ended = 0
    while (batch := links.end_expired()) == links.BATCH:
        ended += batch
    return ended + batch


@scheduled_job
def sweep_gateway_events() -> int:
    return events.sweep()


@scheduled_job
def compare_with_gateways() -> int:
    return comparison.compare_due()


@scheduled_job
def purge_decline_marks() -> int:
    return declines.purge()


@scheduled_job
def settle_doubtful() -> int:
    return reconcile.settle_doubtful()


@scheduled_job
def settle_refunds() -> int:
    return refunds.settle_refunds()


@scheduled_job
def cancel_expired_orders() -> int:
    return expiry.cancel_expired()


@scheduled_job
def forget_payers() -> int:
    """Of settled orders and gateways' events older than PERSONAL_DATA_RETENTION_DAYS."""
    before = cut_off()
    return in_batches(lambda: retention.anonymise_orders(before), lambda: retention.empty_events(before))
