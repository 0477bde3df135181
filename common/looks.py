"""The shop's colours, for what cannot use its stylesheet: mails. They are read from it, so there is one look."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

Colors = dict[str, str]  # as the stylesheet names them, with _ for -: {"on_accent": "#ffffff"}
_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_COLOR = re.compile(r"--([a-z-]+):\s*(#[0-9a-fA-F]{3,8})\s*;")


@lru_cache(maxsize=1)
def colors() -> tuple[Colors, Colors]:
    """By day and by night: the stylesheet's first `:root` and, over it, its second."""
    found = finders.find("shop/shop.css")
    blocks = _ROOT.findall(Path(str(found)).read_text()) if found else []
    day, night = ({name.replace("-", "_"): color for name, color in _COLOR.findall(block)} for block in blocks[:2])
    return day, day | night
