"""Which Supabase tokens are good: the right key for the algorithm, not expired, for this audience, of somebody."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dialects import supabase
from dialects.supabase import Buyer, KeysUnavailable, buyer_of

SECRET = "a secret of the other house, long enough"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changes: Any) -> dict[str, Any]:
    all_of_them = {
        "sub": "buyer-1",
        "aud": "authenticated",
        "exp": int(time.time()) + 60,
        "email": "ada@example.com",
        **changes,
    }
    return {name: value for name, value in all_of_them.items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: str = "", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm, headers={"kid": kid} if kid else None)


class Keys(BaseHTTPRequestHandler):
    """GET: the key set, counted."""

    body: bytes = b""
    asked = 0

    def do_GET(self) -> None:  # noqa: N802
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        pass


def _jwk(algorithm: Any, key: Any, kid: str, name: str) -> dict[str, Any]:
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "alg": name, "use": "sig"}


@pytest.fixture
def key_set(settings: Any) -> Iterator[str]:
    """An address with an RS256 and an ES256 key, and a symmetric one that must never be used."""
    shared = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ", "kid": "oct", "alg": "HS256"}
    keys = [
        _jwk(jwt.algorithms.RSAAlgorithm, RSA, "rsa", "RS256"),
        _jwk(jwt.algorithms.ECAlgorithm, EC, "ec", "ES256"),
        shared,
    ]
    Keys.body, Keys.asked = json.dumps({"keys": keys}).encode(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SUPABASE_JWKS_URL = f"http://127.0.0.1:{server.server_port}/jwks"
    yield settings.SUPABASE_JWKS_URL
    server.shutdown()
    server.server_close()
    supabase.key_set.cache_clear()


@pytest.fixture
def secret(settings: Any) -> None:
    settings.SUPABASE_JWT_SECRET = SECRET


def refused(token: str) -> None:
    with pytest.raises((jwt.PyJWTError, ValueError)):
        buyer_of(token)


@pytest.mark.usefixtures("secret")
class TestWithASecret:
    def test_a_good_token_names_its_buyer(self):
        assert buyer_of(signed()) == Buyer("buyer-1", "ada@example.com")
        assert buyer_of(signed()).key == "supabase:buyer-1"

    @pytest.mark.parametrize("email", [None, "", 5, "nonsense", "x" * 300 + "@example.com"])
    def test_an_address_that_is_none_is_left_out(self, email):
        assert buyer_of(signed(email=email)).email == ""

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": None},
            {"exp": 1},
            {"exp": "soon"},
            {"aud": None},
            {"aud": "admin"},
            {"sub": None},
            {"sub": ""},
            {"sub": "x" * 256},
            {"sub": "a\x00b"},
            {"nbf": int(time.time()) + 3600},
        ],
    )
    def test_a_claim_that_is_missing_or_wrong_is_refused(self, changes):
        refused(signed(**changes))

    def test_another_secret_is_refused(self):
        refused(signed("x" * 40))

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_another_algorithm_is_refused_even_with_the_right_secret(self, algorithm):
        refused(signed(SECRET * 2, algorithm))

    def test_none_is_refused(self):
        refused(jwt.encode(claims(), None, "none"))

    @pytest.mark.parametrize(
        "token", ["", "x", "x.y.z", "a.b", signed()[:-2], signed() + "x" * 9000, "\u00e9.\u00e9.\u00e9"]
    )
    def test_what_is_no_token_is_refused(self, token):
        refused(token)

    def test_a_key_sets_algorithm_is_refused_where_none_is_configured(self):
        refused(signed(RSA, "RS256", "rsa"))


@pytest.mark.usefixtures("key_set")
class TestWithAKeySet:
    @pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec")])
    def test_its_keys_are_fetched_once(self, key, algorithm, kid):
        for _ in range(3):
            assert buyer_of(signed(key, algorithm, kid)).sub == "buyer-1"
        assert Keys.asked == 1

    def test_a_strangers_key_under_a_known_name_is_refused(self):
        refused(signed(STRANGER, "RS256", "rsa"))

    def test_unknown_names_do_not_make_us_ask_each_time(self):
        buyer_of(signed(RSA, "RS256", "rsa"))
        for number in range(5):
            refused(signed(STRANGER, "RS256", f"stranger-{number}"))
        assert Keys.asked == 1

    def test_the_public_key_is_no_secret_to_sign_with(self):
        """Algorithm confusion: HS256 with the RSA key's own text, or with a key the set should not hold."""
        public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for forged in (_hs256(public), _hs256(b"secret-secret-secret-secret-1234")):
            refused(forged)

    def test_one_keys_algorithm_with_another_key_is_refused(self):
        refused(signed(RSA, "RS256", "ec"))
        refused(signed(RSA, "PS256", "rsa"))

    def test_where_the_secret_is_set_too_each_algorithm_has_its_own(self, secret):
        assert buyer_of(signed()).sub == buyer_of(signed(EC, "ES256", "ec")).sub == "buyer-1"


def _hs256(key: bytes) -> str:
    """As an attacker would make it: PyJWT itself refuses to sign with a public key."""
    import base64
    import hashlib
    import hmac

    def part(value: dict[str, Any]) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signing_input = part({"alg": "HS256", "typ": "JWT", "kid": "rsa"}) + b"." + part(claims())
    signature = base64.urlsafe_b64encode(hmac.new(key, signing_input, hashlib.sha256).digest()).rstrip(b"=")
    return (signing_input + b"." + signature).decode()


def test_without_anything_configured_no_token_is_good():
    refused(signed())
    refused(signed(RSA, "RS256", "rsa"))
    refused(_hs256(b""))


def test_an_address_that_does_not_answer_says_nothing_of_the_token_and_is_not_asked_at_once_again(settings):
    settings.SUPABASE_JWKS_URL = "http://127.0.0.1:9/jwks"
    try:
        failures = []
        for _ in range(2):
            with pytest.raises(KeysUnavailable):
                buyer_of(signed(RSA, "RS256", "rsa"))
            failures.append(supabase.key_set(settings.SUPABASE_JWKS_URL)._failed_at)
        assert failures[0] == failures[1] > 0, "the second was refused without asking"
    finally:
        supabase.key_set.cache_clear()
