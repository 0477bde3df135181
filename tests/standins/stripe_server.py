"""A Stripe of our own for tests: stateful, on 127.0.0.1, with Stripe's idempotency and its refusals.

    stripe = StripeStandIn().start()
    STRIPE_API_BASE=stripe.url STRIPE_SECRET_KEY=sk_test_standin
    STRIPE_JS_URL=stripe.url/_js/v3/ STRIPE_PUBLISHABLE_KEY=pk_test_standin

Beside the API: `/_pages/approve/<intent>` is the bank's page of 3-D Secure and MobilePay, `/_pages/session/<session>`
Stripe's hosted page; a POST with `answer=approve` or `answer=deny` answers there and redirects back to the shop.
In a process of its own: `python -m tests.standins.stripe_server 8420`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.standins import stripe_script
from tests.standins.faults import Answer, Asked, Fault, StandIn
from tests.standins.stripe_books import Books
from tests.standins.stripe_params import unknown
from tests.standins.stripe_rules import Json, Refusal, card_name

SECRET_KEY = "sk_test_standin"


@dataclass
class _Kept:
    """What an idempotency key was used for, and what was answered; None while the work goes on."""

    fingerprint: tuple[Any, ...]
    answer: Answer | None = None


class StripeStandIn(StandIn):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._begin()

    def _begin(self) -> None:
        self.books = Books(self.url, filters_silently=True)
        self.thinking_seconds = 0.0  # between taking a key and doing the work: two at once meet
        self._keys: dict[str, _Kept] = {}
        self._breaks_inside: list[bool] = []

    def reset(self) -> None:
        super().reset()
        with self.lock:
            self._begin()

    def break_inside(self, *, work_is_done: bool) -> None:
        """The next mutating call ends in a 500 of Stripe's own, which it keeps under the call's key."""
        self._breaks_inside.append(work_is_done)

    def error_body(self, fault: Fault) -> Json:
        if fault is Fault.TOO_MANY:
            return {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many."}}
        return {"error": {"type": "api_error", "message": "Something went wrong."}}

    # --- Stripe's manners: authentication, keys, refusals ---
    def work(self, asked: Asked) -> Answer:
        if asked.path.startswith("/_pages/"):
            return self._answered(lambda: self._page(asked))
        if asked.path.startswith("/_js/"):
            return stripe_script.answer(asked)
        if asked.headers.get("authorization") != f"Bearer {SECRET_KEY}":
            return Answer(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key: sk_***"}})
        key = asked.headers.get("idempotency-key", "")
        return self._once(key, asked) if key and asked.changes_something else self.answer(asked)

    def _once(self, key: str, asked: Asked) -> Answer:
        fingerprint = (asked.method, asked.path, *sorted(asked.form.items()))
        with self.lock:
            kept = self._keys.get(key)
            if kept is None:
                self._keys[key] = _Kept(fingerprint)
        if kept is not None:
            return self._again(kept, fingerprint)
        self.wait(self.thinking_seconds)
        answer = self._maybe_broken_inside(asked)
        with self.lock:
            if answer.status < 300 or answer.status in {402, 500}:
                self._keys[key].answer = answer
            else:
                del self._keys[key]  # nothing was begun
        return answer

    @staticmethod
    def _again(kept: _Kept, fingerprint: tuple[Any, ...]) -> Answer:
        if kept.fingerprint != fingerprint:
            said = "Keys for idempotent requests can only be used with the same parameters."
            return Answer(400, {"error": {"type": "idempotency_error", "message": said}})
        if kept.answer is None:
            error = {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": "In use."}
            return Answer(409, {"error": error})
        return Answer(kept.answer.status, kept.answer.body, {"Idempotent-Replayed": "true"})

    def _maybe_broken_inside(self, asked: Asked) -> Answer:
        if not self._breaks_inside:
            return self.answer(asked)
        if self._breaks_inside.pop(0):
            self.answer(asked)
        return Answer(500, self.error_body(Fault.ERROR_500))

    def answer(self, asked: Asked) -> Answer:
        return self._answered(lambda: Answer(200, deepcopy(self._route(asked))))

    def _answered(self, act: Callable[[], Answer]) -> Answer:
        with self.lock:
            try:
                return act()
            except Refusal as refusal:
                error = dict(refusal.error)
                if intent := error.pop("intent", None):
                    error["payment_intent"] = deepcopy(intent)
                return Answer(refusal.status, {"error": error})

    # --- the API ---
    def _route(self, asked: Asked) -> Json:
        parts = asked.path.strip("/").split("/")[1:]
        params = asked.form if asked.changes_something else dict(asked.query)
        shape = (asked.method, *(part if part in _WORDS else "<id>" for part in parts))
        if shape not in _ROUTES:
            raise Refusal(404, "", f"Unrecognized request URL ({asked.method}: {asked.path}).")
        doing, act = _ROUTES[shape]
        if name := unknown(doing, params):
            raise Refusal(400, "parameter_unknown", f"Received unknown parameter: {name}", param=name)
        reference = next((part for part in parts if part not in _WORDS), "")
        return self._expanded(act(self.books, reference, params), params)

    def _expanded(self, said: Json, params: Mapping[str, str]) -> Json:
        wanted = {value for name, value in params.items() if name.startswith("expand[")}
        if said["object"] == "list":
            inner = {path.removeprefix("data.") for path in wanted}
            return {**said, "data": [self._with(one, inner) for one in said["data"]]}
        return self._with(said, wanted)

    def _with(self, said: Json, wanted: set[str]) -> Json:
        """What is expanded brings what it hangs on along: `latest_charge.refunds` the charge, too."""
        charge = self.books.charges.get(said.get("latest_charge") or "")
        if wanted & {"latest_charge", "latest_charge.refunds"}:
            return {
                **said,
                "latest_charge": self._with_refunds(charge) if "latest_charge.refunds" in wanted else charge,
            }
        inner = {path.removeprefix("payment_intent.") for path in wanted if path.startswith("payment_intent.")}
        if inner and said["payment_intent"]:
            return {**said, "payment_intent": self._with(self.books.intent(said["payment_intent"]), inner)}
        return said

    def _with_refunds(self, charge: Json | None) -> Json | None:
        """The newest ten come along."""
        if charge is None:
            return None
        found = self.books.refunds_of(charge)
        return {**charge, "refunds": {"object": "list", "has_more": len(found) > 10, "data": found[:10]}}

    # --- pages for the shopper's browser ---
    def _page(self, asked: Asked) -> Answer:
        _, kind, reference = asked.path.strip("/").split("/")
        if asked.method == "GET":
            return Answer(200, _PAGE)
        approves = asked.form.get("answer") == "approve"
        if kind == "approve":
            intent = self.books.shopper_answers(reference, approves)
            return Answer(303, "", {"Location": f"{intent['return_url']}?payment_intent={reference}"})
        token = asked.form.get("card", "tok_visa")
        session = self.books.pay_session(reference, token) if approves else self.books.session(reference)
        back = session["success_url"] if approves else session["cancel_url"]
        return Answer(303, "", {"Location": back.replace("{CHECKOUT_SESSION_ID}", reference)})

    def browser_confirms(self, client_secret: str, token: str = "tok_visa") -> Json:
        """What Stripe's own script does in the shopper's browser. A decline leaves the intent open."""
        with self.lock:
            intent = self.books.intent(client_secret.split("_secret_")[0])
            try:
                self.books.confirm(intent, card_name(token))
            except Refusal as refusal:
                if refusal.status != 402:
                    raise
            return intent


_BUTTONS = "".join(f'<button name="answer" value="{word}">{word}</button>' for word in ("approve", "deny"))
_PAGE = f"""<!doctype html><html lang="en"><title>Stripe stand-in</title><link rel="icon" href="data:,">
<form method="post">{_BUTTONS}</form></html>"""
_Act = Callable[[Books, str, Mapping[str, str]], Json]
_WORDS = {"payment_intents", "payment_methods", "refunds", "checkout", "sessions", "capture", "cancel", "expire"}


def _listed(kept: Mapping[str, Json], path: str, params: Mapping[str, str]) -> Json:
    newest_first = list(reversed(kept.values()))
    after = params.get("starting_after")
    if after:
        newest_first = newest_first[[one["id"] for one in newest_first].index(after) + 1 :]
    found = [one for one in newest_first if one["created"] >= int(params.get("created[gte]", 0))]
    found = [one for one in found if params.get("payment_intent") in {None, one.get("payment_intent")}]
    limit = int(params.get("limit", 10))
    return {"object": "list", "url": path, "has_more": len(found) > limit, "data": found[:limit]}


def _intents(books: Books, _: str, params: Mapping[str, str]) -> Json:
    return _listed(books.intents, "/v1/payment_intents", params)


def _refunds(books: Books, _: str, params: Mapping[str, str]) -> Json:
    return _listed(books.refunds, "/v1/refunds", params)


def _sessions(books: Books, _: str, params: Mapping[str, str]) -> Json:
    return _listed(books.sessions, "/v1/checkout/sessions", params)


def _captured(books: Books, reference: str, params: Mapping[str, str]) -> Json:
    books.capture(books.intent(reference), params)
    return books.intent(reference)


def _canceled(books: Books, reference: str, _: Mapping[str, str]) -> Json:
    books.cancel(books.intent(reference))
    return books.intent(reference)


def _expired(books: Books, reference: str, _: Mapping[str, str]) -> Json:
    books.expire_session(books.session(reference))
    return books.session(reference)


_ROUTES: dict[tuple[str, ...], tuple[str, _Act]] = {
    ("POST", "payment_intents"): ("create intent", lambda books, _, params: books.add_intent(params)),
    ("GET", "payment_intents"): ("list intents", _intents),
    ("GET", "payment_intents", "<id>"): ("retrieve", lambda books, reference, _: books.intent(reference)),
    ("POST", "payment_intents", "<id>", "capture"): ("capture", _captured),
    ("POST", "payment_intents", "<id>", "cancel"): ("cancel", _canceled),
    ("POST", "payment_methods"): ("create method", lambda books, _, params: books.add_method(params)),
    ("GET", "refunds"): ("list refunds", _refunds),
    ("POST", "refunds"): ("create refund", lambda books, _, params: books.refund(params)),
    ("POST", "checkout", "sessions"): ("create session", lambda books, _, params: books.add_session(params)),
    ("GET", "checkout", "sessions"): ("list sessions", _sessions),
    ("GET", "checkout", "sessions", "<id>"): ("retrieve", lambda books, reference, _: books.session(reference)),
    ("POST", "checkout", "sessions", "<id>", "expire"): ("expire", _expired),
}


def signed_event(kind: str, carried: Json, *, secret: str, at: float | None = None, event_id: str = "evt_1") -> Any:
    """(body, Stripe-Signature header) of a webhook, as Stripe would send it."""
    at = int(time.time() if at is None else at)
    event = {"id": event_id, "object": "event", "type": kind, "created": at, "data": {"object": carried}}
    body = json.dumps(event).encode()
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={mark}"


if __name__ == "__main__":
    stand_in = StripeStandIn(int(sys.argv[1])).start()
    sys.stdout.write(f"Stripe stand-in on {stand_in.url}\n")
    threading.Event().wait()
