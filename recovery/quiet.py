"""Hours without mail, where the shopper lives. A country may have several time zones: then it is quiet while it is
quiet in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from django.conf import settings

Hours = tuple[int, int]  # (21, 8): from 21:00 until 8:00
_LONGEST = timedelta(days=2)


def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """The time zones somebody in this country may live in; the shop's own where the country is not known."""
    return _zones(country, settings.TIME_ZONE)


@lru_cache(maxsize=512)
def _zones(country: str, of_shop: str) -> tuple[ZoneInfo, ...]:
    names: Sequence[str] = get_global("territory_zones").get(country, ()) if len(country) == 2 else ()
    return tuple(map(ZoneInfo, names)) or (ZoneInfo(of_shop),)


def ends_at(now: datetime, hours: Hours | None, zones: Sequence[ZoneInfo]) -> datetime | None:
    """When the quiet that is now will be over everywhere; None where it is not quiet.

    In a country so wide that it is always quiet somewhere, only its first zone counts.
    """
    if hours is None or not any(_is_quiet(now, hours, zone) for zone in zones):
        return None
    moment = now
    while waiting := [zone for zone in zones if _is_quiet(moment, hours, zone)]:
        moment = max(_end(moment, hours, zone) for zone in waiting)
        if moment - now > _LONGEST:
            return ends_at(now, hours, zones[:1])
    return moment


def _is_quiet(moment: datetime, hours: Hours, zone: ZoneInfo) -> bool:
    begins, ends = hours
    hour = moment.astimezone(zone).hour
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def _end(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    end = local.replace(hour=hours[1], minute=0, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    then = end.astimezone(moment.tzinfo)
    return then if then > moment else moment + timedelta(minutes=1)  # a clock that is put back must not hold us
