"""The tracker API's figures: how many carts were abandoned and how many of them recovered, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import figures
from analytics.api.window import DEFAULT, MOST_DAYS, PERIODS, asked_days
from analytics.figures import ByCurrency, Figures
from dialects.guest import number
from dialects.schema import responses
from dialects.tracker import COMMON_ERRORS, TRACKER, TrackerViewSet, enveloped, success

Json = dict[str, Any]
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]

_COUNTS: Fields = {name: serializers.IntegerField(min_value=0) for name in ("totalAbandoned", "totalRecovered")}
_VALUES: Fields = {name: serializers.FloatField(min_value=0) for name in ("totalAbandonedValue", "totalRecoveredValue")}
_OTHER: Fields = {"currency": serializers.CharField(min_length=3, max_length=3), **_VALUES}
_SUMMARY: Fields = {
    **_COUNTS,
    "recoveryRate": serializers.FloatField(
        min_value=0, max_value=100, help_text="Per cent of the abandoned, one decimal; 0 where none were."
    ),
    **_VALUES,
    "currency": serializers.CharField(help_text="Of the values: the shop's. Counts are of carts in any currency."),
    "otherCurrencies": inline_serializer(
        "OtherCurrency", _OTHER, many=True, help_text="Values of carts in other currencies: never added to these."
    ),
}
_DAY: Fields = {
    "date": serializers.DateField(help_text="In the shop's time zone."),
    "abandoned": serializers.IntegerField(min_value=0, help_text="Carts abandoned for the first time on this day."),
    "recovered": serializers.IntegerField(min_value=0, help_text="How many of those were recovered since."),
    "abandonedValue": serializers.FloatField(min_value=0),
    "recoveredValue": serializers.FloatField(min_value=0),
}
_MOMENT = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
_DATA = inline_serializer(
    "AnalyticsData",
    {
        "summary": inline_serializer("AnalyticsSummary", _SUMMARY),
        "dailyStats": inline_serializer("AnalyticsDay", _DAY, many=True, help_text="Every day in order, zeros too."),
    },
)
_EXAMPLE = {
    "summary": {
        "totalAbandoned": 150,
        "totalRecovered": 45,
        "recoveryRate": 30.0,
        "totalAbandonedValue": 15000.00,
        "totalRecoveredValue": 4500.00,
        "currency": "USD",
        "otherCurrencies": [],
    },
    "dailyStats": [
        {"date": "2024-01-15", "abandoned": 10, "recovered": 3, "abandonedValue": 1000.00, "recoveredValue": 300.00}
    ],
}


class Analytics(TrackerViewSet):
    @extend_schema(
        operation_id="tracker_analytics",
        summary="Get analytics data",
        tags=["tracker"],
        parameters=[
            OpenApiParameter("startDate", _MOMENT, description="First day (ISO 8601 date or time)."),
            OpenApiParameter(
                "endDate", _MOMENT, description=f"Last day, itself included; at most {MOST_DAYS} days later."
            ),
            OpenApiParameter(
                "period", {"type": "string", "enum": list(PERIODS), "default": DEFAULT}, description="Up to today."
            ),
        ],
        responses=responses(TRACKER, {200: enveloped("Analytics", _DATA)}, {400: "Invalid query", **COMMON_ERRORS}),
        examples=[OpenApiExample("Figures", {"success": True, "data": _EXAMPLE}, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        """Exact at the moment of the call. A cart counts on the day it was first abandoned, and so does its recovery:
        the recovered are always some of the abandoned."""
        days = figures.by_day(*asked_days(request))
        return success({"summary": _summary(days.values()), "dailyStats": [_day(*item) for item in days.items()]})


def _day(day: date, by_currency: ByCurrency) -> Json:
    of_all = _sum(by_currency.values())
    of_shop = by_currency.get(settings.SHOP_CURRENCY, Figures())
    return {
        "date": day.isoformat(),
        "abandoned": of_all.abandoned,
        "recovered": of_all.recovered,
        "abandonedValue": number(of_shop.abandoned_amount, settings.SHOP_CURRENCY),
        "recoveredValue": number(of_shop.recovered_amount, settings.SHOP_CURRENCY),
    }


def _summary(days: Iterable[ByCurrency]) -> Json:
    totals: dict[str, Figures] = {}
    for by_currency in days:
        for currency, found in by_currency.items():
            totals[currency] = totals.get(currency, Figures()) + found
    of_all = _sum(totals.values())
    return {
        "totalAbandoned": of_all.abandoned,
        "totalRecovered": of_all.recovered,
        "recoveryRate": rate(of_all),
        **_values(totals.pop(settings.SHOP_CURRENCY, Figures()), settings.SHOP_CURRENCY),
        "currency": settings.SHOP_CURRENCY,
        "otherCurrencies": [{"currency": code, **_values(totals[code], code)} for code in sorted(totals)],
    }


def _values(found: Figures, currency: str) -> Json:
    return {
        "totalAbandonedValue": number(found.abandoned_amount, currency),
        "totalRecoveredValue": number(found.recovered_amount, currency),
    }


def rate(found: Figures) -> float:
    """45 of 150 is 30.0: per cent, to one decimal, half up."""
    if not found.abandoned:
        return 0.0
    exact = Decimal(found.recovered * 100) / found.abandoned
    return float(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _sum(found: Iterable[Figures]) -> Figures:
    return sum(found, start=Figures())
