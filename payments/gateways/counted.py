"""Every call of a gateway, counted by its outcome, and the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from common.counters import GATEWAY_CALLS, GATEWAY_SECONDS
from payments.gateways.base import Gateway, GatewayRefused, GatewayResult, GatewayUnavailable

CALLS = frozenset({"prepare", "host", "authorize", "purchase", "capture", "void", "refund", "look_up"})


class CountedGateway:
    """A gateway as it is, save that its calls are counted."""

    def __init__(self, name: str, gateway: Gateway) -> None:
        self._name, self._gateway = name, gateway

    def __getattr__(self, verb: str) -> Any:
        call = getattr(self._gateway, verb)
        return partial(_counted, self._name, verb, call) if verb in CALLS else call


def _counted(gateway: str, verb: str, call: Callable[..., GatewayResult], *args: Any, **kwargs: Any) -> GatewayResult:
    begun, outcome = time.monotonic(), "error"
    try:
        result = call(*args, **kwargs)
        outcome = str(result.outcome)
    except GatewayUnavailable:
        outcome = "unavailable"
        raise
    except GatewayRefused:
        outcome = "refused"
        raise
    finally:
        GATEWAY_CALLS.labels(gateway, verb, outcome).inc()
        GATEWAY_SECONDS.labels(gateway).inc(time.monotonic() - begun)
    return result
