"""The one place where e-mail addresses and phone numbers are made comparable.

Digests are plain SHA-256, without a secret: a shop that changes its SECRET_KEY still knows who unsubscribed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import phonenumbers

LEAST_DIGITS = 7  # fewer identify nobody
_NO_DIGIT = re.compile(r"\D")


def normalized_email(email: str) -> str:
    """Ada@EXAMPLE.com -> ada@example.com; '' for what is no address. Dots and +tags stay: they may be other people."""
    name, at, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    if not (name and at and domain):
        return ""
    return f"{name}@{_ascii(domain.rstrip('.'))}"


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:  # too long, or not a domain at all: comparable as it is
        return domain


def domain_of(email: str) -> str:
    return normalized_email(email).rpartition("@")[2]


def normalized_phone(phone: str) -> str:
    """+45 12 34 56 78, 0045 12345678 -> 4512345678; '' for what identifies nobody."""
    digits = _NO_DIGIT.sub("", phone)
    if not phone.strip().startswith("+"):
        digits = digits.removeprefix("00")
    return digits if len(digits) >= LEAST_DIGITS else ""


def hint_of(email: str) -> str:
    """ada@example.com -> a***@example.com: enough for a person to recognize, too little to write to."""
    name, at, domain = normalized_email(email).rpartition("@")
    return f"{name[:1]}***{at}{domain}"[:100] if name else ""


def email_key(email: str) -> str:
    """The digest by which a person's address is known everywhere; '' without an address."""
    return _digest("email", normalized_email(email))


def phone_key(phone: str) -> str:
    return _digest("phone", normalized_phone(phone))


def national_phone_key(phone: str) -> str:
    """Of the number as it is dialled at home: +45 12 34 56 78 and 12 34 56 78 have it in common, +49 171 and 0171 too.
    Two people in two countries may share it."""
    digits = normalized_phone(phone)
    if phone.strip().startswith(("+", "00")):
        digits = _national(digits)
    return _digest("national phone", digits.lstrip("0"))


def _national(digits: str) -> str:
    try:
        return str(phonenumbers.parse(f"+{digits}").national_number)
    except phonenumbers.NumberParseException:
        return digits


def _digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest() if value else ""
