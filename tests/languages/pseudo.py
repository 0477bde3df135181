"""A language that brackets whatever is translated: what stands outside of them was never put to a translator."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo

from scripts.translations import found_in_source

CODE = "xx"
_OPEN, _CLOSE = "⟦", "⟧"
_READ_OUT = ("alt", "aria-label", "title", "placeholder")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
_NEVER_SHOWN = ("script", "style", "title")  # what a title says, the page's heading says as well


def write_catalog(folder: Path) -> None:
    catalog, source = Catalog(locale=None), found_in_source()
    for message in source:
        if message.id:
            texts = message.id if isinstance(message.id, list | tuple) else (message.id,)
            said = tuple(_bracketed(text) for text in texts)
            catalog.add(message.id, said if message.pluralizable else said[0], context=message.context)
    path = folder / CODE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def _bracketed(text: str) -> str:
    """Paragraphs one by one: a mail may show one of them alone."""
    return "\n\n".join(f"{_OPEN}{part}{_CLOSE}" for part in text.split("\n\n"))


def plain_words(text: str, data: set[str]) -> list[str]:
    """Of a text without markup: the words that are neither in brackets nor data, such as a product's name."""
    outside = _outside(text)
    for known in sorted(data - {""}, key=len, reverse=True):
        outside = outside.replace(known, " ")
    return _WORD.findall(outside)


def plain_words_of_page(html: str, data: set[str]) -> list[str]:
    page = _Page()
    page.feed(html)
    page.close()
    return plain_words("".join(page.texts), data) + [word for one in page.read_out for word in plain_words(one, data)]


def plain_words_of_template(source: str) -> list[str]:
    translated = r"{% blocktranslate.*?endblocktranslate %}|{% block body_class %}.*?{% endblock %}|{%.*?%}|{{.*?}}"
    page = re.sub(translated, " ", source, flags=re.DOTALL)
    attribute = r"""[\w:-]+=(?:"[^"]*"|'[^']*')"""  # alone in a template that another puts into a tag
    markup = rf"<style.*?</style>|<[^>]*>|&\w+;|{attribute}"
    return _WORD.findall(re.sub(markup, " ", page, flags=re.DOTALL))


def _outside(text: str) -> str:
    """Brackets stand inside each other where a translated word is put into a translated sentence."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == _OPEN) - (letter == _CLOSE)
        assert depth >= 0, f"A bracket is closed that was never opened: {text[:200]}"
        kept.append(letter if depth == 0 and letter != _CLOSE else "")
    assert depth == 0, f"A bracket stays open: {text[:200]}"
    return "".join(kept)


class _Page(HTMLParser):
    """What somebody reads or hears: texts, and the attributes that are read out. Countries and states are data."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.read_out: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        is_data = tag == "select" and str(named.get("name")).endswith(("country", "state"))
        if not self._silent and (tag in _NEVER_SHOWN or is_data or "lang" in named and tag == "button"):
            self._silent = tag
        words = {name: value for name, value in attrs if name in _READ_OUT or name.startswith("data-")}
        self.read_out += [value for name, value in words.items() if value and _is_sentence(name, value)]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(f"{data} ")


def _is_sentence(name: str, value: str) -> bool:
    return not name.startswith("data-") or " " in value
