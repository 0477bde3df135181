"""PayPal's adapter in front of the stand-in, for tests: one server a test process, emptied for each test.

`AsServicesDo` plays what stands around the adapter in the shop, so that the contract every gateway keeps can be asked
of one where the payer always approves elsewhere and taking is our own call.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.test import override_settings

from payments.gateways import paypal_connection
from payments.gateways.base import ChargeRequest, GatewayResult, Outcome
from payments.gateways.paypal import PayPalGateway
from payments.gateways.paypal_transport import PayPalTransport
from tests.standins.faults import Fault
from tests.standins.paypal_server import CLIENT_ID, CLIENT_SECRET, WEBHOOK_ID, PayPalStandIn

QUICK = (1.0, 0.5)  # seconds to connect, seconds of silence
ORDERS = "/v2/checkout/orders"
GOOD, NEEDS_ACTION, LOST_BEFORE, LOST_AFTER, IMPOSSIBLE = "good", "needs action", "lost before", "lost after", "ISK"


@functools.cache
def _server() -> PayPalStandIn:
    return PayPalStandIn().start()


def empty_paypal() -> PayPalStandIn:
    server = _server()
    server.reset()
    return server


def transport_to(server: PayPalStandIn) -> PayPalTransport:
    return PayPalTransport(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, endpoint=server.url, timeout=QUICK, pauses=(0.01, 0.01)
    )


def gateway_at(server: PayPalStandIn) -> PayPalGateway:
    transport = transport_to(server)
    return PayPalGateway(lambda: transport)


@contextmanager
def shop_with_paypal(server: PayPalStandIn) -> Iterator[None]:
    """The whole shop uses the stand-in, as it would with PayPal's keys and PAYPAL_API_BASE set."""
    paypal_connection._transports.clear()  # with the tokens of the test before
    # The one that the settings describe, but that its pauses are short.
    paypal_connection._transports[CLIENT_ID, CLIENT_SECRET, server.url, QUICK] = transport_to(server)
    with override_settings(
        PAYPAL_CLIENT_ID=CLIENT_ID,
        PAYPAL_CLIENT_SECRET=CLIENT_SECRET,
        PAYPAL_WEBHOOK_ID=WEBHOOK_ID,
        PAYPAL_API_BASE=server.url,
        PAYPAL_TIMEOUT=QUICK,
    ):
        yield


class AsServicesDo:
    """A payer who approves at once unless the instrument says otherwise, and a shop that then takes the money.

    The instrument is no thing of PayPal's: it tells this driver what happens on the way. An issue of PayPal's, such
    as INSTRUMENT_DECLINED, is what taking the money then ends with.
    """

    def __init__(self, server: PayPalStandIn) -> None:
        self._server = server
        self._paypal = gateway_at(server)
        self._given_up: dict[str, GatewayResult] = {}  # a payment that is voided is never asked about again
        self._broken: set[str] = set()
        # What a shop does with a payment it holds goes straight to the adapter.
        self.capture, self.refund, self.prepare = self._paypal.capture, self._paypal.refund, self._paypal.prepare
        self.understands, self.host = self._paypal.understands, self._paypal.host

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        self._plan_faults(request)
        if request.instrument == IMPOSSIBLE:
            request = replace(request, currency=IMPOSSIBLE)
        waiting = self._paypal.purchase(request)
        if request.instrument == NEEDS_ACTION:
            return waiting
        self._plan_faults(request, waiting.reference)
        declines = request.instrument if request.instrument.isupper() else ""
        self._server.approve(waiting.reference, declines=declines)
        return self._paypal.capture(waiting.reference, amount=request.amount, key=f"{request.key}_capture")

    def _plan_faults(self, request: ChargeRequest, reference: str = "") -> None:
        """The connection breaks at each of the transport's three tries; only the first time the key is used."""
        if request.instrument == LOST_BEFORE:
            self._server.fail(Fault.BREAK_BEFORE, method="POST", path=ORDERS, times=3)
        if request.instrument == LOST_AFTER and reference and request.key not in self._broken:
            self._broken.add(request.key)
            self._server.fail(Fault.BREAK_AFTER, path=f"{ORDERS}/{reference}/capture", times=3)

    def authorize(self, request: ChargeRequest) -> GatewayResult:
        waiting = self._paypal.authorize(request)
        self._server.approve(waiting.reference)
        return self._paypal.hold(waiting.reference, key=f"{request.key}_hold")

    def void(self, reference: str, *, key: str) -> GatewayResult:
        result = self._paypal.void(reference, key=key)
        self._given_up[reference] = result
        return result

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:
        """By key: PayPal cannot be asked. The shop repeats the create, which finds the order that this key made."""
        if reference in self._given_up:
            return self._given_up[reference]
        made = self._server.made_under(key) if key else ""
        result = self._paypal.look_up(reference=reference or made, key=key)
        if result.outcome == Outcome.APPROVED:
            return self._paypal.capture(result.reference, amount=result.amount, key=f"{result.reference}_capture")
        return result

    def shopper_answers(self, reference: str, approves: bool) -> None:
        """A no is a shopper who comes back by the cancel address: the shop gives the payment up."""
        if approves:
            self._server.approve(reference)
        else:
            self.void(reference, key="cancel")
