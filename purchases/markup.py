"""The three things we want of an HTML page: JSON-LD blocks, the canonical address, the title.

Not an HTML parser: a page may be made to keep one busy for hours (html.parser of Python 3.11 is quadratic on unclosed
comments). Here every search begins where the last one ended, and a tag has a length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

_MAX_BLOCKS = 50
_OPENING = re.compile(r"<!--|<(script|style|textarea|template|noscript|title|link)\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z:-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CLOSINGS = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "textarea", "template", "noscript", "title")
}
_COMMENT_ENDS = re.compile("-->")


@dataclass
class Markup:
    json_ld: list[str] = field(default_factory=list)
    canonical: str = ""
    title: str = ""


@dataclass(frozen=True)
class _Element:
    name: str
    attributes: dict[str, str]
    text: str


def read(text: str) -> Markup:
    markup = Markup()
    for element in _elements(text):
        kind = element.attributes.get("type", "").partition(";")[0].strip().lower()
        if element.name == "script" and kind == "application/ld+json" and len(markup.json_ld) < _MAX_BLOCKS:
            markup.json_ld.append(element.text)
        elif element.name == "link" and "canonical" in element.attributes.get("rel", "").lower().split():
            markup.canonical = markup.canonical or element.attributes.get("href", "").strip()
        elif element.name == "title":
            markup.title = markup.title or " ".join(unescape(element.text[:1000]).split())
    return markup


def _elements(text: str) -> Iterator[_Element]:
    """What is inside comments, scripts and the like is text, not elements. Ends where one is not closed."""
    at = 0
    while opening := _OPENING.search(text, at):
        name = (opening[1] or "").lower()
        if name == "link":
            yield _Element(name, _attributes(opening[2]), "")
            at = opening.end()
            continue
        closing = (_CLOSINGS[name] if name else _COMMENT_ENDS).search(text, opening.end())
        if closing is None:
            return
        if name:
            yield _Element(name, _attributes(opening[2]), text[opening.end() : closing.start()])
        at = closing.end()


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(next(filter(None, values), "")))
    return found
