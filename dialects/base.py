"""What all outside APIs have in common: JSON in, JSON out, and every error in the dialect's own words.

A view names its `dialect`; whatever it raises (a DomainError, DRF's exceptions, Http404, anything unforeseen)
leaves in that dialect's shape. Nothing here asks the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from common.errors import DomainError, ErrorCode
from common.transactions import is_busy
from dialects.parser import MAX_BYTES, MEDIA_TYPE, PayloadTooLarge, StrictJSONParser
from dialects.rendering import JSONOnly, JSONRenderer
from dialects.sentences import flatten

log = logging.getLogger(__name__)
Sentence = str | Callable[[Mapping[str, Any]], str]
BUSY_RETRY_SECONDS = 1
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Dialect:
    """How one outside API says no. `error_status` and `error_message` must map every ErrorCode (a test says so)."""

    name: str
    error_status: Mapping[ErrorCode, int]
    error_message: Mapping[ErrorCode, Sentence]  # a template for str.format(**values), or a function of the values
    body: Callable[[int, str], dict[str, Any]]  # (status, message) -> the error's JSON body
    error_schema: type[BaseSerializer[Any]]  # the same body, for OpenAPI

    def sentence(self, error: DomainError) -> str:
        sentence = self.error_message[error.code]
        return sentence(error.values) if callable(sentence) else sentence.format(**error.values)

    def refusal(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
        response = Response(self.body(status, message), status=status, headers=dict(headers or {}))
        response.exception = True
        return response

    def refusal_for(self, error: DomainError) -> Response:
        seconds = retry_after(error)
        headers = {"Retry-After": str(seconds)} if seconds else None
        return self.refusal(self.error_status[error.code], self.sentence(error), headers)


def retry_after(error: DomainError) -> int:
    """Seconds until the same request may be sent again; 0 where that changes nothing."""
    known = {
        ErrorCode.BUSY: BUSY_RETRY_SECONDS,
        ErrorCode.IDEMPOTENCY_KEY_IN_USE: BUSY_RETRY_SECONDS,
        ErrorCode.TOO_MANY_DECLINES: error.values.get("retry_after", 1),
    }
    return int(known.get(error.code, 0))  # type: ignore[call-overload]


class LengthRequired(exceptions.APIException):
    status_code = 411
    default_detail = "A body needs a Content-Length."


class DialectMixin(APIView):
    """The manners of a view: see the module. Authentication, permissions and limits only where a view names them."""

    dialect: ClassVar[Dialect]
    body_must_be_object = True
    max_bytes = MAX_BYTES
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JSONOnly

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Cache-Control": "no-store"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        request._request.door = self.dialect.name  # type: ignore[attr-defined]  # for common.requests_counted
        _check_length(request)
        super().initial(request, *args, **kwargs)

    def renew(self, response: HttpResponseBase, caller: str) -> None:
        """What a first answer gives the caller beside its body, given again with a repeated one. Here: nothing."""

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=HTTPStatus.NO_CONTENT, headers={"Allow": ", ".join(self.allowed_methods)})

    def handle_exception(self, exc: Exception) -> Response:
        """The one place where an exception becomes an answer."""
        if isinstance(exc, OperationalError) and is_busy(exc):
            exc = DomainError(ErrorCode.BUSY)
        if isinstance(exc, DomainError):
            return self.dialect.refusal_for(exc)
        if isinstance(exc, Http404):
            return self.dialect.refusal(HTTPStatus.NOT_FOUND, "Not found")
        if isinstance(exc, PermissionDenied):
            exc = exceptions.PermissionDenied()
        if isinstance(exc, (SuspiciousOperation, BadRequest, MultiPartParserError)):
            exc = exceptions.ParseError("The request could not be read.")
        if isinstance(exc, exceptions.APIException):
            return self._refused(exc)
        return self._failed(exc)

    def _refused(self, exc: exceptions.APIException) -> Response:
        headers = {}
        status = exc.status_code
        message = flatten(exc.detail)
        if isinstance(exc, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
            status = HTTPStatus.UNAUTHORIZED
            headers["WWW-Authenticate"] = self.get_authenticate_header(self.request) or "Bearer"
        elif isinstance(exc, exceptions.MethodNotAllowed):
            headers["Allow"] = ", ".join(self.allowed_methods)
        elif isinstance(exc, exceptions.UnsupportedMediaType):
            message = f"The body must be sent as {MEDIA_TYPE}."
        wait = getattr(exc, "wait", None)
        if wait is not None:
            headers["Retry-After"] = str(int(wait))
        return self.dialect.refusal(status, message, headers)

    def _failed(self, exc: Exception) -> Response:
        # The traceback, never the body: it may hold a card number.
        log.error("%s %s failed", self.request.method, self.request.path, exc_info=exc)
        got_request_exception.send(sender=type(self), request=self.request._request)
        return self.dialect.refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")


def _check_length(request: Request) -> None:
    """Refuses by its announced length a body we would not read, and one whose length nobody announced."""
    if request.method in READING:
        return  # a body there is never read
    announced = request.META.get("CONTENT_LENGTH")
    if announced:
        limit = getattr(request.parser_context["view"], "max_bytes", MAX_BYTES)
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise PayloadTooLarge(f"The body is larger than {limit // 1024} kB.")
        if not announced.isdecimal():
            raise exceptions.ParseError("Content-Length must be a whole number.")
    elif "HTTP_TRANSFER_ENCODING" in request.META:
        raise LengthRequired


class DialectView(DialectMixin):
    """A single endpoint."""


class DialectViewSet(DialectMixin, GenericViewSet[Any]):
    """A resource."""
