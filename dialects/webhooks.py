"""Where gateways tell us things: a signed body, judged as it came, byte by byte.

Error body of the addresses that are ours to choose: {"error": "Webhook Error: <reason>"}. A gateway sends again what
was answered with anything but 2xx.
"""

from __future__ import annotations

from typing import Any

from django.http import UnreadablePostError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ParseError, UnsupportedMediaType
from rest_framework.request import Request

from dialects.base import Dialect, DialectView
from dialects.guest import GUEST
from dialects.guest_sentences import SENTENCES

# An intent with its charge is some 10 kB. Refused, an event is sent again for days and then never: room is cheaper.
MAX_EVENT_BYTES = 1024 * 1024


@extend_schema_field({"type": "string", "example": "Webhook Error: The signature does not match."})
class Reason(serializers.CharField):
    pass


class WebhookError(serializers.Serializer[Any]):
    """Why an event was not taken."""

    error = Reason()


def error_body(status: int, message: str) -> dict[str, Any]:  # noqa: ARG001 - other dialects need the status
    return {"error": f"Webhook Error: {message}"}


WEBHOOK = Dialect(
    name="webhook",
    error_status=GUEST.error_status,
    error_message=SENTENCES,
    body=error_body,
    error_schema=WebhookError,
)


class Closed(NotFound):
    """Nothing could be verified: the secret is not set."""

    default_detail = "This address is closed: its secret is not set."


class CannotBeVerified(APIException):
    """Nobody knows whether it is genuine: to be sent again."""

    status_code = 503
    default_detail = "The event could not be verified now."


class WebhookView(DialectView):
    """An address for one gateway's events. Whoever has the signature may call: no session, no token, no CSRF."""

    dialect = WEBHOOK
    max_bytes = MAX_EVENT_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        has_body = request.META.get("CONTENT_LENGTH") not in {None, "", "0"}
        if has_body and not self.get_content_negotiator().select_parser(request, self.get_parsers()):
            raise UnsupportedMediaType(request.content_type)


def raw_body(request: Request) -> bytes:
    """What was signed. Raises ParseError."""
    try:
        return request._request.body
    except UnreadablePostError as error:
        raise ParseError("The body could not be read.") from error
