"""The shop's texts in other languages: found in the source, kept in `locale/`, compiled beside it.

    python scripts/translations.py update     # brings new texts into every .po, to be translated there
    python scripts/translations.py compile    # writes the .mo that the shop reads
    python scripts/translations.py check      # part of `make check`: nothing missing, doubtful, left over or broken

No program of the system is needed: Babel reads the source and the catalogs.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from common.languages import NAMES, SOURCE  # noqa: E402

LOCALE = ROOT / "locale"
_NOT_THE_SHOPPERS = {"admin", "unfold", "migrations", "tests", "scripts", "bench", "var"}
_KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# What a translation must have as often as its source: placeholders, markup, and quotes (some stand in attributes).
_FIXED = re.compile(r'%\(\w+\)s|\{\w+\}|<[^<>]+>|"|%%')
Key = tuple[str, str]  # context, the text (its singular)


# --- in the source --------------------------------------------------------------------------------
def found_in_source() -> Catalog:
    catalog = Catalog()
    for path in _sources():
        for _, texts, comments, context in _texts_in(path):
            place = [(str(path.relative_to(ROOT)), 0)]
            catalog.add(texts, locations=place, auto_comments=comments, context=context)
    return catalog


def _sources() -> Iterator[Path]:
    for pattern in ("*.py", "*.html", "*.txt"):
        for path in sorted(ROOT.rglob(pattern)):
            parts = path.relative_to(ROOT).parts[:-1]
            is_ours = parts and not any(part.startswith(".") or part in _NOT_THE_SHOPPERS for part in parts)
            if is_ours and (pattern == "*.py" or parts[0] == "templates"):
                yield path


def _texts_in(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text()
    if path.suffix != ".py":
        text = templatize(text, origin=str(path))
        text = "\n".join(line.strip() for line in text.splitlines())  # indentation means nothing there
    yield from extract("python", BytesIO(text.encode()), _KEYWORDS, ["Translators:"], strip_comment_tags=True)  # type: ignore[arg-type]


# --- the catalogs ---------------------------------------------------------------------------------
def catalogs() -> dict[str, Path]:
    """{language: its .po}"""
    return {path.parts[-3]: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="django", abort_invalid=True)


def compiled(path: Path) -> Catalog | None:
    mo = path.with_suffix(".mo")
    if not mo.is_file():
        return None
    with mo.open("rb") as file:
        return read_mo(file)


def update() -> None:
    source = found_in_source()
    for path in catalogs().values():
        head = path.read_text().partition("\n\n")[0]
        catalog = read(path)
        catalog.update(source, no_fuzzy_matching=True)
        written = BytesIO()
        write_po(written, catalog, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
        path.write_text(f"{head}\n\n{written.getvalue().decode().strip()}\n")


def compile_all() -> None:
    for path in catalogs().values():
        catalog = read(path)
        if _texts(compiled(path)) != _texts(catalog):
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalog)


def _texts(catalog: Catalog | None) -> dict[Key, tuple[str, ...]] | None:
    return None if catalog is None else {_key(one): _said(one) for one in catalog if one.id}


def _key(message: Message) -> Key:
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # so in a .mo
    return context or "", message.id if isinstance(message.id, str) else message.id[0]


def _said(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


# --- what is wrong with them ----------------------------------------------------------------------
def check() -> list[str]:
    source, there = found_in_source(), catalogs()
    missing = [f"{language}: no catalog" for language in NAMES if language not in {SOURCE, *there}]
    return missing + [f"{language}: {what}" for language, path in there.items() for what in _wrong(source, path)]


def _wrong(source: Catalog, path: Path) -> Iterator[str]:
    catalog = read(path)
    wanted, there = ({_key(one): one for one in each if one.id} for each in (source, catalog))
    yield from (f"not there: {text!r}" for _, text in wanted.keys() - there.keys())
    yield from (f"of no use any more: {text!r}" for _, text in there.keys() - wanted.keys())
    yield from (f"of no use any more: {one.id!r}" for one in catalog.obsolete.values())
    for key in wanted.keys() & there.keys():
        yield from _wrong_with(wanted[key], there[key], catalog.num_plurals)
    if _texts(compiled(path)) != _texts(catalog):
        yield "its .mo is of another .po: run scripts/translations.py compile"


def _wrong_with(asked: Message, answer: Message, plurals: int) -> Iterator[str]:
    said = _said(answer)
    if answer.fuzzy:
        yield f"doubtful (fuzzy): {asked.id!r}"
    if asked.pluralizable != answer.pluralizable or len(said) != (plurals if asked.pluralizable else 1):
        yield f"not one text for each number: {asked.id!r}"
    elif not all(said):
        yield f"not translated: {asked.id!r}"
    else:
        asks = asked.id if isinstance(asked.id, tuple | list) else (asked.id,)
        known = [_fixed(text) for text in asks]
        yield from (f"other placeholders or markup: {text!r}" for text in said if _fixed(text) not in known)


def _fixed(text: str) -> Counter[str]:
    return Counter(_FIXED.findall(text))


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
    elif arguments == ["compile"]:
        compile_all()
    elif arguments == ["check"]:
        wrong = check()
        print("\n".join(sorted(wrong)))
        return 1 if wrong else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
