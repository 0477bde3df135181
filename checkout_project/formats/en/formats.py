"""How English-speaking staff reads moments and days, everywhere in the admin; other languages have Django's own.

Shoppers' pages and mails are written by common.templatetags.shop, programs get ISO 8601.
"""

from __future__ import annotations

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"  # 28 Nov 2026
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"  # 28 Nov 2026, 01:00
