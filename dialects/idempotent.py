"""`@idempotent`: a write that may be repeated with the same `Idempotency-Key` header and is done once.

Without the header nothing happens and nothing is asked of the database. With it:

- stored and answered again (same status, same body, `Idempotent-Replayed: true`): 2xx, and the 400 and 422 that judge
  the body itself, which can never become right. A refusal that depends on the shop's or the checkout's state (no stock,
  something missing, 402, 404, 409, 429, 5xx) is not stored: the same key may be tried again;
- the same key with another body or query is refused.

The view says whose key it is: `idempotency_caller(request)` before the work, and `idempotency_caller_after(response)`
after it. The second wins when it names somebody: a shopper without a session gets one by their first write, and the
answer is stored under that new session. So a retry that carries the new cookie is answered again, and a stranger who
happens to send the same key never gets somebody else's session. A caller nobody can name, before or after, has no
memory.

`@idempotent` runs the method in one transaction; `@idempotent(claim_first=True)` is for a method that has
transactions of its own and calls a gateway in between (`common.idempotency` says more).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, overload

from django.http import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common import idempotency
from common.errors import DomainError, ErrorCode
from common.idempotency import Answer, Call, Outcome
from common.transactions import in_transaction
from dialects.base import Dialect
from dialects.rendering import to_json

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_JUDGES_THE_BODY = {
    ErrorCode.INVALID_VALUE,
    ErrorCode.VARIANT_REQUIRED,
    ErrorCode.PAYMENT_DATA_INVALID,
    ErrorCode.PAYMENT_PROVIDER_UNKNOWN,
}
_JUDGING_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


class IdempotentView(Protocol):
    """What the decorator needs of a view."""

    dialect: Dialect

    def idempotency_caller(self, request: Request) -> str | None: ...
    def idempotency_caller_after(self, response: HttpResponseBase) -> str | None: ...
    def renew(self, response: Response, caller: str) -> None:
        """What a first answer gives the caller beside its body, given again."""

    def handle_exception(self, exc: Exception) -> Response: ...


Method = Callable[..., Response]


@overload
def idempotent(method: Method) -> Method: ...
@overload
def idempotent(*, claim_first: bool) -> Callable[[Method], Method]: ...
def idempotent(method: Method | None = None, *, claim_first: bool = False) -> Any:
    if method is None:
        return functools.partial(_decorated, claim_first=claim_first)
    return _decorated(method, claim_first=False)


def _decorated(method: Method, *, claim_first: bool) -> Method:
    @functools.wraps(method)
    def run(view: IdempotentView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return method(view, request, *args, **kwargs)
        idempotency.check_key(key)
        attempt = _Attempt(view, request, key, functools.partial(method, view, request, *args, **kwargs))
        return attempt.claimed_first() if claim_first else attempt.in_one_transaction()

    run.is_idempotent = True  # type: ignore[attr-defined]
    return run


@dataclass
class _Attempt:
    """One request with a key. `response` is this attempt's own, None when an earlier one's is answered again."""

    view: IdempotentView
    request: Request
    key: str
    method: Callable[[], Response]
    response: Response | None = None

    def __post_init__(self) -> None:
        query = self.request.META.get("QUERY_STRING")
        asked: Any = self.request.data
        self.fingerprint = idempotency.fingerprint_of([asked, query] if query else asked)
        self.caller = self.view.idempotency_caller(self.request)

    def in_one_transaction(self) -> Response:
        if self.caller is None:
            return in_transaction(self._for_a_newcomer)()
        call = self._call(self.caller)
        try:
            answer, _ = idempotency.in_one_transaction(call, self._work)
        except (DomainError, ValidationError) as refusal:
            if not _judges_the_body(refusal):
                raise
            self.response = self.view.handle_exception(refusal)
            idempotency.keep(call, _answer(self.response))
            return self.response
        return self.response or self._replay(answer)

    def claimed_first(self) -> Response:
        if self.caller is None:
            return self._for_a_newcomer()
        answer, _ = idempotency.claimed_first(self._call(self.caller), self._guarded_work)
        return self.response or self._replay(answer)

    def _replay(self, answer: Answer) -> Response:
        body = json.loads(answer.body) if answer.body else None
        response = Response(body, status=answer.status, headers={REPLAYED: "true"})
        self.view.renew(response, self.caller or "")
        return response

    def _for_a_newcomer(self) -> Response:
        """Nobody to look up yet: the work runs, and its answer is kept for whom it made the caller to be."""
        response = self.method()
        caller = self.view.idempotency_caller_after(response)
        if caller is not None and _is_worth_keeping(response.status_code):
            idempotency.keep(self._call(caller), _answer(response))
        return response

    def _work(self) -> Outcome:
        self.response = None  # a second try after "busy" begins anew
        response = self.method()
        self.response = response
        return self._outcome(response, keep=_is_worth_keeping(response.status_code))

    def _guarded_work(self) -> Outcome:
        try:
            return self._work()
        except (DomainError, ValidationError) as refusal:
            self.response = self.view.handle_exception(refusal)
            return self._outcome(self.response, keep=_judges_the_body(refusal))

    def _outcome(self, response: Response, *, keep: bool) -> Outcome:
        caller = self.view.idempotency_caller_after(response) or self.caller
        return Outcome(_answer(response), self._call(caller or "").scope if keep else None)

    def _call(self, caller: str) -> Call:
        scope = idempotency.scope_of(
            api=self.view.dialect.name,
            caller=caller,
            method=self.request.method or "",
            path=self.request.path,
            key=self.key,
        )
        return Call(scope, self.fingerprint)


def _judges_the_body(refusal: DomainError | ValidationError) -> bool:
    return isinstance(refusal, ValidationError) or refusal.code in _JUDGES_THE_BODY


def _is_worth_keeping(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status in _JUDGING_STATUSES


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, "" if response.data is None else to_json(response.data))
