"""A stand-in for PayPal that keeps its own books: tokens, orders, captures, authorizations, refunds, signatures.

    paypal = PayPalStandIn().start()
    paypal.approve(order_id)              the payer says yes; `declines` names what a capture is then refused with
    paypal.moved(order_id)                captured minus refunded, as PayPal's own books have it

Strict where PayPal is: fields it does not know, bodies where none belongs, a token that is missing or over.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import count

from tests.standins.faults import Answer, Asked, Fault, StandIn
from tests.standins.paypal_books import (
    Authorization,
    Capture,
    Json,
    Order,
    Refused,
    check_body,
    counts,
    money,
    not_found,
    only,
    unprocessable,
    value_of,
)

CLIENT_ID, CLIENT_SECRET, WEBHOOK_ID = "client-of-the-tests", "secret-of-the-tests", "WH0TESTS"


class PayPalStandIn(StandIn):
    def __init__(self) -> None:
        super().__init__()
        self._forget()

    def reset(self) -> None:
        super().reset()
        self._forget()

    def _forget(self) -> None:
        self.token_lives = 32400  # seconds
        self.refuses_tokens = False  # 401 to everything but the token call
        self.refunds_become = "COMPLETED"  # or PENDING, FAILED: what becomes of them at first
        self.names_custom_ids = True  # of refunds, in the orders they belong to
        self.orders: dict[str, Order] = {}
        self.genuine: dict[str, bytes] = {}  # transmission id -> the body it was signed for
        self.tokens: dict[str, float] = {}
        self.tokens_given = 0
        self._answers: dict[tuple[str, str], Answer] = {}
        self._numbers = count(1)

    # --- what a test does in the payer's and PayPal's place --------------------------------------
    def approve(self, order_id: str, *, declines: str = "", pends: bool = False) -> None:
        """At PayPal's page. An order already captured or voided stays as it is."""
        with self.lock:
            order = self.orders[order_id]
            if order.status in {"PAYER_ACTION_REQUIRED", "APPROVED"}:
                order.status, order.declines, order.pends = "APPROVED", declines, pends

    def settle_pending(self, order_id: str, status: str) -> None:
        with self.lock:
            for capture in self.orders[order_id].captures:
                capture.status = status if capture.status == "PENDING" else capture.status

    def add_capture(self, order_id: str, value: str) -> None:
        with self.lock:
            self.orders[order_id].captures.append(Capture(self._id("CAPTURE"), order_id, Decimal(value)))

    def refund_by_hand(self, order_id: str, value: str) -> None:
        """As the merchant does in PayPal's own pages."""
        with self.lock:
            order = self.orders[order_id]
            self._refund(order, order.captures[0], Decimal(value), "")

    def settle_refund(self, refund_id: str, status: str) -> None:
        with self.lock:
            for capture in (capture for order in self.orders.values() for capture in order.captures):
                for refund in (refund for refund in capture.refunds if refund["id"] == refund_id):
                    refund["status"] = status
                    capture.note_what_is_left()

    def refunds(self) -> list[Json]:
        """All of them, oldest first."""
        captures = [capture for order in self.orders.values() for capture in order.captures]
        return [refund for capture in captures for refund in capture.refunds]

    def sign(self, event: bytes) -> dict[str, str]:
        """The headers PayPal would send this body with."""
        transmission_id = f"t-{next(self._numbers):08d}"
        self.genuine[transmission_id] = event
        return {
            "Paypal-Auth-Algo": "SHA256withRSA",
            "Paypal-Cert-Url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42",
            "Paypal-Transmission-Id": transmission_id,
            "Paypal-Transmission-Sig": "kLmN" + hashlib.sha256(event).hexdigest(),
            "Paypal-Transmission-Time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }

    def moved(self, order_id: str) -> Decimal:
        """Captured minus refunded."""
        return sum((capture.left for capture in self.orders[order_id].captures if counts(capture)), Decimal(0))

    def made_under(self, request_id: str) -> str:
        """The id of the order that a create under this request id would be answered with, or ''."""
        answer = self._answers.get((request_id, "/v2/checkout/orders"))
        return str(answer.body["id"]) if answer else ""

    def captured(self) -> int:
        """How many captures there are in all."""
        return sum(len(order.captures) for order in self.orders.values())

    @property
    def writes(self) -> list[Asked]:
        """All that changed something: no token calls, no questions about signatures."""
        reads = ("/v1/oauth2", "/v1/notifications/verify")
        return [asked for asked in self.log if asked.changes_something and not asked.path.startswith(reads)]

    # --- the server ------------------------------------------------------------------------------
    def error_body(self, fault: Fault) -> Json:
        return {"name": "INTERNAL_SERVER_ERROR", "message": str(fault), "debug_id": "b1d1f06c7246c"}

    def answer(self, asked: Asked) -> Answer:
        try:
            if asked.path == "/v1/oauth2/token":
                return self._token(asked)
            self._check_token(asked)
            check_body(asked)
            return self._once(asked)
        except Refused as refused:
            return refused.answer

    def _token(self, asked: Asked) -> Answer:
        basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked.headers.get("authorization") != basic:
            return Answer(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        leaked = {"paypal-request-id", "prefer"} & set(asked.headers)
        if leaked or asked.form != {"grant_type": "client_credentials"}:
            return Answer(400, {"error": "unsupported_grant_type", "error_description": f"with {leaked}"})
        self.tokens_given += 1
        token = f"A21AAF-{self.tokens_given}-of-the-tests"
        self.tokens[token] = time.monotonic() + self.token_lives
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.token_lives})

    def _check_token(self, asked: Asked) -> None:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.refuses_tokens or self.tokens.get(token, 0) < time.monotonic():
            raise Refused(401, "AUTHENTICATION_FAILURE")

    def _once(self, asked: Asked) -> Answer:
        """The same request id for the same call is answered as it was the first time; only failures are forgotten."""
        for method, pattern, verb in _ROUTES:
            found = re.fullmatch(pattern, asked.path)
            if found and method == asked.method:
                key = (asked.headers.get("paypal-request-id", ""), asked.path)
                if key[0] and key in self._answers:
                    return Answer(200, self._answers[key].body)
                answer = verb(self, asked, *found.groups())
                if key[0]:
                    self._answers[key] = answer
                return answer
        raise Refused(404, "RESOURCE_NOT_FOUND")

    # --- orders ----------------------------------------------------------------------------------
    def create(self, asked: Asked) -> Answer:
        body = asked.json
        only(body, {"intent", "purchase_units", "payment_source", "application_context"})
        if body.get("intent") not in {"CAPTURE", "AUTHORIZE"} or len(body.get("purchase_units") or []) != 1:
            raise Refused(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
        unit = body["purchase_units"][0]
        only(unit, {"reference_id", "custom_id", "invoice_id", "amount", "description"})
        source = body.get("payment_source", {})
        only(source, {"paypal"})
        only(source.get("paypal", {}), {"experience_context"})
        context = source.get("paypal", {}).get("experience_context", {})
        only(context, {"return_url", "cancel_url", "user_action", "shipping_preference", "brand_name", "locale"})
        if not context.get("return_url") or not context.get("cancel_url"):
            raise Refused(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
        value_of(unit["amount"])
        order = Order(self._id("ORDER"), body["intent"], unit)
        self.orders[order.id] = order
        return Answer(201, self._show(order))

    def read(self, asked: Asked, order_id: str) -> Answer:  # noqa: ARG002
        return Answer(200, self._show(self._order(order_id)))

    def capture(self, asked: Asked, order_id: str) -> Answer:
        only(asked.json, {"payment_source"})
        order = self._order(order_id)
        if order.captures:
            raise unprocessable("ORDER_ALREADY_CAPTURED")
        if order.intent != "CAPTURE":
            raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
        self._check_payer(order)
        value = value_of(order.unit["amount"])
        order.captures.append(Capture(self._id("CAPTURE"), order.id, value, "PENDING" if order.pends else "COMPLETED"))
        order.status = "COMPLETED"
        return Answer(201, self._show(order))

    def authorize(self, asked: Asked, order_id: str) -> Answer:
        only(asked.json, {"payment_source"})
        order = self._order(order_id)
        if order.authorizations:
            raise unprocessable("ORDER_ALREADY_AUTHORIZED")
        if order.intent != "AUTHORIZE":
            raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
        self._check_payer(order)
        order.authorizations.append(Authorization(self._id("AUTH"), value_of(order.unit["amount"])))
        order.status = "COMPLETED"
        return Answer(201, self._show(order))

    def _check_payer(self, order: Order) -> None:
        if order.status != "APPROVED":
            raise unprocessable("ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
        if order.declines:
            raise unprocessable(order.declines, "The instrument presented was declined by the processor or bank.")

    # --- payments --------------------------------------------------------------------------------
    def capture_held(self, asked: Asked, authorization_id: str) -> Answer:
        only(asked.json, {"amount", "final_capture", "invoice_id", "note_to_payer"})
        order, held = self._authorization(authorization_id)
        if held.status == "VOIDED":
            raise unprocessable("AUTHORIZATION_VOIDED")
        if held.status != "CREATED":
            raise unprocessable("AUTHORIZATION_ALREADY_CAPTURED")
        value = value_of(asked.json["amount"], order.currency)
        if value > held.value * Decimal("1.15"):  # as PayPal's own rule is
            raise unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED")
        capture = Capture(self._id("CAPTURE"), order.id, value)
        order.captures.append(capture)
        held.status = "CAPTURED" if asked.json.get("final_capture") else "PARTIALLY_CAPTURED"
        return Answer(201, self._show_capture(order, capture))

    def void(self, asked: Asked, authorization_id: str) -> Answer:
        if asked.body:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")
        _, held = self._authorization(authorization_id)
        if held.status != "CREATED":
            raise unprocessable("PREVIOUSLY_VOIDED" if held.status == "VOIDED" else "PREVIOUSLY_CAPTURED")
        held.status = "VOIDED"
        return Answer(204)

    def read_capture(self, asked: Asked, capture_id: str) -> Answer:  # noqa: ARG002
        return Answer(200, self._show_capture(*self._capture(capture_id)))

    def refund(self, asked: Asked, capture_id: str) -> Answer:
        only(asked.json, {"amount", "custom_id", "invoice_id", "note_to_payer"})
        order, capture = self._capture(capture_id)
        value = value_of(asked.json["amount"], order.currency) if "amount" in asked.json else capture.left
        if not capture.left:
            raise unprocessable("CAPTURE_FULLY_REFUNDED")
        if value > capture.left:
            raise unprocessable("REFUND_AMOUNT_EXCEEDED")
        return Answer(201, self._refund(order, capture, value, asked.json.get("custom_id", "")))

    def _refund(self, order: Order, capture: Capture, value: Decimal, custom_id: str) -> Json:
        refund = {
            "id": self._id("REFUND"),
            "status": self.refunds_become,
            "amount": money(value, order.currency),
            "custom_id": custom_id,
            "links": [{"href": f"{self.url}/v2/payments/captures/{capture.id}", "rel": "up", "method": "GET"}],
        }
        capture.refunds.append(refund)
        capture.note_what_is_left()
        return refund

    def verify(self, asked: Asked) -> Answer:
        """Over the very bytes of the event, as they stand in the question."""
        said = asked.json
        only(said, {"auth_algo", "cert_url", "transmission_id", "transmission_sig", "transmission_time"}
              | {"webhook_id", "webhook_event"})  # fmt: skip
        event = self.genuine.get(said["transmission_id"])
        genuine = (
            event is not None
            and said["webhook_id"] == WEBHOOK_ID
            and said["transmission_sig"] == "kLmN" + hashlib.sha256(event).hexdigest()
            and event in asked.body
        )
        return Answer(200, {"verification_status": "SUCCESS" if genuine else "FAILURE"})

    # --- looking things up, showing them ---------------------------------------------------------
    def _id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):08d}"

    def _order(self, order_id: str) -> Order:
        if order_id not in self.orders:
            raise not_found()
        return self.orders[order_id]

    def _authorization(self, authorization_id: str) -> tuple[Order, Authorization]:
        for order in self.orders.values():
            for held in order.authorizations:
                if held.id == authorization_id:
                    return order, held
        raise not_found()

    def _capture(self, capture_id: str) -> tuple[Order, Capture]:
        for order in self.orders.values():
            for capture in order.captures:
                if capture.id == capture_id:
                    return order, capture
        raise not_found()

    def _show(self, order: Order) -> Json:
        payments: Json = {}
        if order.authorizations:
            payments["authorizations"] = [
                {"id": held.id, "status": held.status, "amount": money(held.value, order.currency)}
                for held in order.authorizations
            ]
        if order.captures:
            payments["captures"] = [self._show_capture(order, capture) for capture in order.captures]
            payments["refunds"] = [
                refund if self.names_custom_ids else {**refund, "custom_id": ""}
                for capture in order.captures
                for refund in capture.refunds
            ]
        links = [{"href": f"{self.url}/v2/checkout/orders/{order.id}", "rel": "self", "method": "GET"}]
        if order.status == "PAYER_ACTION_REQUIRED":
            page = f"https://www.sandbox.paypal.com/checkoutnow?token={order.id}"
            links.append({"href": page, "rel": "payer-action", "method": "GET"})
        unit = order.unit | ({"payments": payments} if payments else {})
        return {
            "id": order.id,
            "intent": order.intent,
            "status": order.status,
            "purchase_units": [unit],
            "links": links,
        }

    def _show_capture(self, order: Order, capture: Capture) -> Json:
        return {
            "id": capture.id,
            "status": capture.status,
            "amount": money(capture.value, order.currency),
            "custom_id": order.unit.get("custom_id", ""),
            "supplementary_data": {"related_ids": {"order_id": order.id}},
            "links": [{"href": f"{self.url}/v2/checkout/orders/{order.id}", "rel": "up", "method": "GET"}],
        }


_ORDERS, _PAYMENTS = r"/v2/checkout/orders", r"/v2/payments"
_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("POST", _ORDERS, PayPalStandIn.create),
    ("GET", rf"{_ORDERS}/([^/]+)", PayPalStandIn.read),
    ("POST", rf"{_ORDERS}/([^/]+)/capture", PayPalStandIn.capture),
    ("POST", rf"{_ORDERS}/([^/]+)/authorize", PayPalStandIn.authorize),
    ("POST", rf"{_PAYMENTS}/authorizations/([^/]+)/capture", PayPalStandIn.capture_held),
    ("POST", rf"{_PAYMENTS}/authorizations/([^/]+)/void", PayPalStandIn.void),
    ("GET", rf"{_PAYMENTS}/captures/([^/]+)", PayPalStandIn.read_capture),
    ("POST", rf"{_PAYMENTS}/captures/([^/]+)/refund", PayPalStandIn.refund),
    ("POST", r"/v1/notifications/verify-webhook-signature", PayPalStandIn.verify),
]


def as_body(event: Json) -> bytes:
    """An event as it comes over the wire: not as our own JSON writer would put it."""
    return json.dumps(event, indent=1, ensure_ascii=False).encode()
