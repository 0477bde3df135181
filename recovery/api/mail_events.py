"""Where the mail provider tells what became of mails: checked and read by anymail, in that provider's own form."""

from __future__ import annotations

import logging
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks import brevo, mailgun, postmark
from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from dialects.webhooks import WEBHOOK, Closed, WebhookView, raw_body
from recovery import undelivered
from recovery.api import mail_events_docs as docs
from recovery.states import SuppressedBecause

logger = logging.getLogger(__name__)

_READERS: dict[str, type[AnymailBaseWebhookView]] = {
    "brevo": brevo.BrevoTrackingWebhookView,
    "mailgun": mailgun.MailgunTrackingWebhookView,
    "postmark": postmark.PostmarkTrackingWebhookView,
}
_WANTED = {
    EventType.COMPLAINED: SuppressedBecause.COMPLAINED,
    EventType.UNSUBSCRIBED: SuppressedBecause.UNSUBSCRIBED,
}
# Not even tried, because of what the provider heard before.
_REFUSED = {
    RejectReason.BOUNCED: SuppressedBecause.BOUNCED,
    RejectReason.INVALID: SuppressedBecause.BOUNCED,
    RejectReason.SPAM: SuppressedBecause.COMPLAINED,
    RejectReason.UNSUBSCRIBED: SuppressedBecause.UNSUBSCRIBED,
}
# Each provider's own word for "this time": anymail calls these bounces like any other.
_THIS_TIME = {"SoftBounce", "soft_bounce"}
_FOR_GOOD = (RejectReason.BOUNCED, RejectReason.INVALID)


class MailWebhook(WebhookView):
    @extend_schema(
        operation_id="mail_webhook",
        summary="The mail provider's events",
        tags=["webhooks"],
        request=docs.EVENT,
        parameters=[docs.AUTHORIZATION],
        responses=docs.answers(WEBHOOK),
        examples=docs.EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """Who marked a mail as spam, unsubscribed, or has no such address gets no recovery mail any more. Other events
        are taken and left alone, as are addresses this shop never wrote to."""
        reader = _reader()
        raw_body(request)
        for event in _events(reader, request._request):
            because = _meaning(event)
            if because and _is_text(event.recipient):
                undelivered.heard(event.recipient, because, source=reader.esp_name)
        return Response(docs.TAKEN)


def _reader() -> AnymailBaseWebhookView:
    if not (settings.EMAIL_ESP and settings.EMAIL_WEBHOOK_SECRET):
        raise Closed
    return _READERS[settings.EMAIL_ESP](webhook_secret=settings.EMAIL_WEBHOOK_SECRET)


def _events(reader: AnymailBaseWebhookView, request: HttpRequest) -> list[AnymailTrackingEvent]:
    try:
        reader.run_validators(request)
        return list(reader.parse_events(request))
    except AnymailWebhookValidationFailure as refusal:
        raise ParseError("The name and password, or the signature, are not right.") from refusal
    except Exception as error:  # whatever a reader trips over, it was not sent by the provider it reads
        logger.info("An event of %s could not be read", reader.esp_name, exc_info=True)
        raise ParseError(f"This is no event of {reader.esp_name}.") from error


def _meaning(event: AnymailTrackingEvent) -> SuppressedBecause | None:
    """None for what says nothing about the next mail: delivered, opened, put off, a full mailbox."""
    if event.event_type == EventType.REJECTED:
        return _REFUSED.get(event.reject_reason)
    if event.event_type == EventType.BOUNCED:
        return SuppressedBecause.BOUNCED if _is_for_good(event) else None
    return _WANTED.get(event.event_type)


def _is_for_good(event: AnymailTrackingEvent) -> bool:
    words = {event.esp_event.get(name) for name in ("Type", "event")}
    return event.reject_reason in _FOR_GOOD and not words & _THIS_TIME


def _is_text(recipient: Any) -> bool:
    """Without what no address has and no digest can be made of."""
    return isinstance(recipient, str) and recipient.isprintable()
