"""`/metrics` for Prometheus: the counters of all processes, and gauges read from the database at that moment.

Not for the public. With METRICS_TOKEN it is answered to whoever brings that token (`Authorization: Bearer ...`);
without one to this machine alone, and not through a proxy.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from common.counters import FOLDER

logger = logging.getLogger(__name__)

# What a proxy adds. A request that has one of these did not begin on this machine, whatever its last step says.
_OF_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")


@dataclass(frozen=True)
class Gauge:
    """How much of something there is at this moment. `labels`: few and fixed, nothing of a person."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    refusal = _refusal(request)
    if refusal:
        return refusal
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(FOLDER))
    registry.register(_Gauges())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN):
            return None
        headers = {"WWW-Authenticate": "Bearer"}
        return _plain("Needs METRICS_TOKEN as a bearer token.", HTTPStatus.UNAUTHORIZED, headers)
    if _is_from_this_machine(request):
        return None
    return _plain("Only from this machine, or with METRICS_TOKEN.", HTTPStatus.FORBIDDEN)


def _plain(text: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, headers=headers, content_type="text/plain; charset=utf-8")


def _is_from_this_machine(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _OF_A_PROXY):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _Gauges:
    """METRICS (name -> dotted path of a function that gives gauges). One part's trouble hides no other part."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        readable = GaugeMetricFamily("shop_gauges_readable", "1 where these gauges could be read", labels=["part"])
        for part, path in settings.METRICS.items():
            try:
                families = list(_families(import_string(path)()))
            except Exception as error:
                logger.warning("The gauges of %s could not be read: %s", part, type(error).__name__)
                families = []
                readable.add_metric([part], 0)
            else:
                readable.add_metric([part], 1)
            yield from families
        yield readable


def _families(gauges: Iterable[Gauge]) -> Iterator[GaugeMetricFamily]:
    found: dict[str, GaugeMetricFamily] = {}
    for gauge in gauges:
        family = found.setdefault(gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels)))
        family.add_metric(list(gauge.labels.values()), gauge.value)
    yield from found.values()
