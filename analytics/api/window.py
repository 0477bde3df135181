"""From a query to the days it asks about."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from analytics import figures
from dialects.tracker import one_of

PERIODS = {"7d": 7, "30d": 30, "90d": 90}  # days up to today, today included
DEFAULT = "30d"
MOST_DAYS = 366
_LONGEST = 40  # characters of a moment


def asked_days(request: Request) -> tuple[date, date]:
    """The first and last day asked about. Dates win over a period; one date alone is a window of 30 days from or to
    it, the present at the latest. Raises ParseError (400)."""
    start, end = _day(request, "startDate"), _day(request, "endDate")
    period = one_of(request, "period", tuple(PERIODS))
    if start is None and end is None:
        today = figures.today()
        return today - timedelta(days=PERIODS[period or DEFAULT] - 1), today
    first = start or _back(end or figures.today(), PERIODS[DEFAULT] - 1)
    last = end or max(figures.today(), first)
    if first > last:
        raise ParseError("startDate: must not be after endDate")
    if (last - first).days >= MOST_DAYS:
        raise ParseError(f"startDate: at most {MOST_DAYS} days before endDate")
    return first, last


def _day(request: Request, name: str) -> date | None:
    """A date, or a moment's date in the shop's time zone."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        day = _parsed(text.strip())
    except (ValueError, OverflowError):
        day = None
    if day is None or not date(1970, 1, 2) <= day <= date(9000, 1, 1):
        raise ParseError(f"{name}: must be a date in ISO 8601, like 2024-01-15 or 2024-01-15T10:30:00Z")
    return day


def _parsed(text: str) -> date | None:
    if len(text) > _LONGEST:
        return None
    day = parse_date(text)
    if day is not None:
        return day
    # In a query a plus that was not escaped arrives as a blank: 10:30:00 02:00.
    moment: datetime | None = parse_datetime(text) or parse_datetime(text.replace(" ", "+"))
    if moment is None:
        return None
    return moment.date() if moment.tzinfo is None else moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _back(day: date, days: int) -> date:
    return day - timedelta(days=days)
