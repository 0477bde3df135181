"""`paypalrestsdk.Api` as the authenticated way to PayPal's REST APIs, with what it lacks put right.

The SDK has no time limit, opens a connection for every call, repeats a 401 for ever, sends a body of `null` with GET,
hands a 400 back as an answer, passes the request's headers on to the token call, fetches a token in every thread that
finds none, follows redirects, and logs secrets at DEBUG. Nothing here logs a header or a body.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import paypalrestsdk
import requests
from paypalrestsdk import exceptions as sdk

from payments.gateways.base import GatewayUnavailable
from payments.gateways.paypal_answers import PayPalRefusal

logger = logging.getLogger(__name__)

Json = dict[str, Any]
REQUEST_ID = "PayPal-Request-Id"
EXPIRES_EARLY = 60.0  # seconds before a token's end from which it is not used any more
NO_RETRY_AFTER = 5.0  # seconds: a slow PayPal is asked once; the reconciler asks again when there is time
_BUSY = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


class _Passing(Exception):
    """It may be over in a moment: 429, 5xx, a broken connection."""


class PayPalTransport(paypalrestsdk.Api):
    """Safe to share between threads. Every call returns PayPal's answer, {} for none, or raises

    PayPalRefusal: a clear no, nothing was done; GatewayUnavailable: no clear answer.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        endpoint: str,
        timeout: tuple[float, float] = (3.05, 20.0),
        pauses: tuple[float, ...] = (0.2, 0.6),
    ) -> None:
        """`timeout`: seconds to connect, seconds of silence. `pauses`: before the second and the third try."""
        super().__init__(mode="sandbox", endpoint=endpoint, client_id=client_id, client_secret=client_secret)
        self._timeout = timeout
        self._pauses = pauses
        self._here = threading.local()
        self._token_lock = threading.Lock()
        self._token: Json | None = None
        self._token_ends = 0.0

    def ask(self, action: str) -> Json:
        """GET."""
        return self.request(f"{self.endpoint}/{action}", "GET")

    def write(self, action: str, body: Json | None, *, key: str) -> Json:
        """POST under PayPal-Request-Id `key`; `body` None sends none. Answered with the whole resource."""
        headers = {REQUEST_ID: key, "Prefer": "return=representation"}
        return self.request(f"{self.endpoint}/{action}", "POST", body, headers)

    def request(
        self,
        url: str,
        method: str,
        body: Json | str | None = None,
        headers: Mapping[str, str] | None = None,
        refresh_token: str | None = None,  # noqa: ARG002 - the SDK's signature
        *,
        is_repeatable: bool = False,
    ) -> Json:
        """`body` as text is sent as it is. GET, calls with a PayPal-Request-Id and those said to be repeatable get
        up to three tries."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        headers = dict(headers or {})
        repeats = self._pauses if is_repeatable or method == "GET" or REQUEST_ID in headers else ()
        started = time.monotonic()
        for pause in (*repeats, None):
            try:
                return self._with_token(url, method, data, headers)
            except _Passing as error:
                if pause is None or time.monotonic() - started > NO_RETRY_AFTER:
                    _give_up(method, url, str(error))
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _with_token(self, url: str, method: str, data: str | None, headers: Mapping[str, str]) -> Json:
        """A token that PayPal no longer takes is fetched anew once; a second 401 is an error."""
        token = self.get_token_hash()
        try:
            return self._call(url, method, data, headers, token)
        except sdk.UnauthorizedAccess:
            self._forget(token)
        try:
            return self._call(url, method, data, headers, self.get_token_hash())
        except sdk.UnauthorizedAccess:
            _give_up(method, url, "401 with a fresh token")

    def _call(self, url: str, method: str, data: str | None, headers: Mapping[str, str], token: Json) -> Json:
        own = {"Authorization": f"Bearer {token['access_token']}", "Accept": "application/json"}
        if data is not None:
            own["Content-Type"] = "application/json"
        return self.http_call(url, method, data=data, headers=own | dict(headers))

    def http_call(self, url: str, method: str, **kwargs: Any) -> Json:
        kwargs["headers"] = {"User-Agent": self.user_agent} | kwargs.get("headers", {})
        try:
            response = self._session().request(method, url, timeout=self._timeout, allow_redirects=False, **kwargs)
            return self._read(response, method, url)
        except requests.exceptions.ReadTimeout:
            _give_up(method, url, "no answer in time")  # it may be at work: asking again at once helps nobody
        except _BUSY as error:
            raise _Passing(type(error).__name__) from error
        except requests.RequestException as error:
            _give_up(method, url, type(error).__name__)

    def _read(self, response: requests.Response, method: str, url: str) -> Json:
        try:
            answer = self.handle_response(response, response.content.decode())
        except sdk.UnauthorizedAccess:
            raise
        except sdk.ConnectionError as error:  # the SDK's base of every status but 2xx
            _raise_for(error, method, url)
        except ValueError:
            _give_up(method, url, f"{response.status_code} without JSON")
        if not isinstance(answer, dict):
            _give_up(method, url, f"{response.status_code} with something else than an object")
        return answer

    def _session(self) -> requests.Session:
        """This thread's own: connections are kept, and no session is shared."""
        session: requests.Session | None = getattr(self._here, "session", None)
        if session is None:
            session = self._here.session = requests.Session()
            session.auth = lambda prepared: prepared  # or a .netrc of this machine would replace our Authorization
        return session

    # --- the token ----------------------------------------------------------------------------------
    def get_token_hash(self, *_: object, **__: object) -> Json:
        """One token for all threads, fetched by one of them, with no header of the call it is fetched for."""
        patience = sum(self._timeout)
        if not self._token_lock.acquire(timeout=patience):
            raise GatewayUnavailable("PayPal's token did not come in time.")
        try:
            if self._token is None or time.monotonic() >= self._token_ends:
                self._token = None
                fetched_at = time.monotonic()
                self._token = self._fetch_token()
                self._token_ends = fetched_at + float(self._token.get("expires_in", 0)) - EXPIRES_EARLY
            return self._token
        finally:
            self._token_lock.release()

    def _fetch_token(self) -> Json:
        url = f"{self.token_endpoint}/v1/oauth2/token"
        headers = {
            "Authorization": f"Basic {self.basic_auth()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        try:
            token = self.http_call(url, "POST", data="grant_type=client_credentials", headers=headers)
        except (sdk.UnauthorizedAccess, PayPalRefusal):
            logger.error("PayPal does not take the client id and secret.")
            raise GatewayUnavailable("PayPal does not take our credentials.") from None
        if not token.get("access_token"):
            _give_up("POST", url, "no token")
        return token

    def _forget(self, token: Json) -> None:
        """The token was refused. Another thread may have replaced it already: that one stays."""
        with self._token_lock:
            if self._token is token:
                self._token = None


def _raise_for(error: sdk.ConnectionError, method: str, url: str) -> NoReturn:
    """What a status says: wait, nobody knows, or a clear no."""
    status = error.response.status_code
    if status == 429 or status >= 500:
        raise _Passing(str(status)) from None
    if status in {403, 409} or status < 400:  # not ours to call; still at work on it; a redirect
        _give_up(method, url, str(status))
    try:
        body = json.loads(error.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):  # some proxy's page: PayPal's own refusals are objects
        _give_up(method, url, f"{status} without JSON")
    raise PayPalRefusal(status, body) from None


def _give_up(method: str, url: str, reason: str) -> NoReturn:
    logger.warning("PayPal %s %s: %s", method, urlsplit(url).path, reason)
    raise GatewayUnavailable(f"PayPal: {reason}.") from None
