"""A small shop behind the guest dialect: each good POST makes one user row, so that doing it twice shows."""

from __future__ import annotations

import threading
import time
import uuid

from django.http import Http404
from django.urls import path
from rest_framework.response import Response

from accounts.models import User
from common.errors import DomainError, ErrorCode
from dialects.fields import StrictInteger, StrictSerializer
from dialects.guest import GuestViewSet, session_from, set_session
from dialects.idempotent import idempotent

SLOW = threading.Event()
KNOWN: set[uuid.UUID] = set()
FAULTS = {
    "missing": Http404(),
    "declined": DomainError(ErrorCode.PAYMENT_DECLINED),
    "stock": DomainError(ErrorCode.NOT_ENOUGH_STOCK),
    "payment": DomainError(ErrorCode.PAYMENT_DATA_INVALID, reason="Send a token."),
    "busy": DomainError(ErrorCode.BUSY),
    "completed": DomainError(ErrorCode.CHECKOUT_COMPLETED),
    "bug": ZeroDivisionError(),
}
FAULT: list[str] = []


class Body(StrictSerializer):
    quantity = StrictInteger(min_value=1)


def write(request) -> Response:
    """Makes a row and only then refuses, so that a refusal must take the row back."""
    body = Body(data=request.data)
    body.is_valid(raise_exception=True)
    user = User.objects.create(username=uuid.uuid4().hex)
    if SLOW.is_set():
        time.sleep(0.2)
    if FAULT:
        raise FAULTS[FAULT[-1]]
    response = Response({"zeta": user.pk, "alpha": 24.99}, status=201)
    session = session_from(request)
    if session not in KNOWN:
        session = uuid.uuid4()
        KNOWN.add(session)
    set_session(response, session)
    return response


class Shop(GuestViewSet):
    @idempotent
    def create(self, request):
        return write(request)

    @idempotent(claim_first=True)
    def complete(self, request):
        return write(request)

    @idempotent
    def clear(self, request):
        User.objects.create(username=uuid.uuid4().hex)
        return Response(status=204)


urlpatterns = [
    path("api/items", Shop.as_view({"post": "create", "delete": "clear"})),
    path("api/complete", Shop.as_view({"post": "complete"})),
    path("api/other", Shop.as_view({"post": "create"})),
]
