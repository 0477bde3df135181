"""What looks like a slip of the finger in an e-mail address or a phone number.

Only ever a hint: an address that nobody has heard of may be right, and so may a number of a new range.
"""

from __future__ import annotations

from difflib import get_close_matches

import phonenumbers
from django.utils.translation import gettext

# Mailbox providers by the name before the ending, with the endings they have. One that is here is doubted by nobody.
_PROVIDERS: dict[str, tuple[str, ...]] = {
    "gmail": ("com",),
    "googlemail": ("com", "de"),
    "yahoo": ("com", "co.uk", "fr", "de", "it", "es", "ca", "co.in", "com.br", "co.jp", "dk", "se", "no"),
    "hotmail": ("com", "co.uk", "fr", "de", "it", "es", "dk", "se", "no", "nl", "be"),
    "outlook": ("com", "fr", "de", "es", "it", "dk", "be", "ie"),
    "icloud": ("com",),
    "protonmail": ("com", "ch"),
    "comcast": ("net",),
    "verizon": ("net",),
    "bellsouth": ("net",),
    "sbcglobal": ("net",),
    "btinternet": ("com",),
    "orange": ("fr",),
    "wanadoo": ("fr",),
    "laposte": ("net",),
    "t-online": ("de",),
    "freenet": ("de",),
    "arcor": ("de",),
    "libero": ("it",),
    "telefonica": ("net",),
    "telenet": ("be",),
    "ziggo": ("nl",),
}
# Real ones that are close to those above.
_OTHERS = ("email", "ymail", "mail", "fmail", "cloud", "proton", "range", "grail")
# Endings that exist nowhere, and what they are slips of.
_NO_ENDINGS = dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "cim", "comm", "coom", "c0m"), "com") | {"nett": "net"}
# Endings that exist, but not behind these names.
_SHORTENED = dict.fromkeys(("co", "cm", "om", "cam"), "com")
_ALIKE = 0.8  # one letter more, less, wrong or swapped, in five


def likely_email(email: str) -> str:
    """The address that was probably meant: ada@gmial.com -> ada@gmail.com; '' where nothing looks like a slip."""
    name, at, domain = email.strip().rpartition("@")
    meant = _likely_domain(domain.lower())
    return f"{name}@{meant}" if name and at and meant else ""


def _likely_domain(domain: str) -> str:
    name, dot, ending = domain.partition(".")
    first, last_dot, last = ending.rpartition(".")
    meant = f"{first}{last_dot}{_NO_ENDINGS.get(last, last)}"
    if name in _PROVIDERS and ending in _SHORTENED:
        meant = _SHORTENED[ending]
    provider = _likely_provider(name, meant)
    return f"{provider}{dot}{meant}" if (provider, meant) != (name, ending) else ""


def _likely_provider(name: str, ending: str) -> str:
    if name in _PROVIDERS or name in _OTHERS:
        return name
    found = get_close_matches(name, _PROVIDERS, n=1, cutoff=_ALIKE)
    return found[0] if found and ending in _PROVIDERS[found[0]] else name


def doubt_of_phone(phone: str, country: str) -> str:
    """A sentence where nobody can be called at this number, '' where it is right or nothing can be said.

    `country`: ISO code of where a number without a + is dialed; '' where it is not known.
    """
    phone = phone.strip()
    if not phone or not (country or phone.startswith("+")):
        return ""
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return gettext("This does not look like a phone number. Is it right?")
    if phonenumbers.is_possible_number(number):
        return ""
    return gettext("This does not look like a whole phone number. One from another country starts with + and its code.")
