"""Small views that say and do what a test needs, under paths of their own."""

from __future__ import annotations

from django.http import Http404
from django.urls import path
from rest_framework.exceptions import Throttled
from rest_framework.response import Response

from common.errors import DomainError, ErrorCode
from dialects.fields import StrictBoolean, StrictEmail, StrictInteger, StrictList, StrictSerializer, StrictText
from dialects.guest import GuestView, GuestViewSet
from dialects.staff import StaffOnly

RAISED: list[Exception] = []


class Card(StrictSerializer):
    number = StrictText(max_length=20)
    month = StrictInteger(min_value=1, max_value=12, required=False)


class Order(StrictSerializer):
    quantity = StrictInteger(min_value=1, max_value=100)
    name = StrictText(max_length=10, required=False)
    email = StrictEmail(required=False)
    gift = StrictBoolean(required=False)
    card = Card(required=False)
    cards = Card(many=True, required=False)
    notes = StrictList(child=StrictText(max_length=5), required=False)


class Echo(GuestView):
    def post(self, request):
        return Response({"body": request.data})


class EchoAnything(Echo):
    body_must_be_object = False


class Take(GuestView):
    def post(self, request):
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data, status=201)


class Raise(GuestViewSet):
    def list(self, request):
        raise RAISED[-1]


class Staff(StaffOnly, GuestView):
    def get(self, request):
        return Response({"user": request.user.username})

    def post(self, request):
        return Response({"user": request.user.username})


REFUSALS = {
    "missing": Http404("row 5 of table x"),
    "limit": Throttled(wait=7.2),
    "busy": DomainError(ErrorCode.BUSY),
    "stock": DomainError(ErrorCode.NOT_ENOUGH_STOCK, variant="Medium / Blue", available=3),
}

urlpatterns = [
    path("api/echo", Echo.as_view()),
    path("api/anything", EchoAnything.as_view()),
    path("api/take", Take.as_view()),
    path("api/raise", Raise.as_view({"get": "list"})),
    path("api/staff", Staff.as_view()),
]
