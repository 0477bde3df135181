"""Shopping bots: programs of search engines that fill carts to compare prices, with addresses nobody reads.

Judged by the mail domain alone. How fast a cart was filled, or what the user agent says, means nothing at an API: its
callers are programs, and their shoppers are people.
"""

from __future__ import annotations

from common.persons import domain_of

# The domain, and everything below it.
BOT_DOMAINS = frozenset({"storebotmail.joonix.net", "joonix.net", "storebot.google.com", "googlebot.com"})


def is_bot(email: str) -> bool:
    domain = domain_of(email)
    parts = domain.split(".")
    return any(".".join(parts[start:]) in BOT_DOMAINS for start in range(len(parts)))
