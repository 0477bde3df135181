"""`make check` sees every way in which a translation can be behind its source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts import translations

pytestmark = pytest.mark.once


@pytest.fixture
def catalog(tmp_path, monkeypatch) -> Path:
    """The German .po, to be spoiled."""
    shutil.copytree(translations.LOCALE, tmp_path / "locale")
    monkeypatch.setattr(translations, "LOCALE", tmp_path / "locale")
    return tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"


def spoil(catalog: Path, old: str, new: str) -> list[str]:
    text = catalog.read_text()
    assert text.count(old) == 1
    catalog.write_text(text.replace(old, new))
    translations.compile_all()
    return translations.check()


CART = 'msgid "Cart"\nmsgstr "Warenkorb"\n'


def test_all_is_well():
    assert translations.check() == []


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ("", "de: not there: 'Cart'"),
        ('msgid "Cart"\nmsgstr ""\n', "de: not translated: 'Cart'"),
        (f"#, fuzzy\n{CART}", "de: doubtful (fuzzy): 'Cart'"),
        (f'{CART}\nmsgid "Trolley"\nmsgstr "Wagen"\n', "de: of no use any more: 'Trolley'"),
        (f'{CART}\n#~ msgid "Trolley"\n#~ msgstr "Wagen"\n', "de: of no use any more: 'Trolley'"),
        ('msgid "Cart"\nmsgstr "<b>Warenkorb</b>"\n', "de: other placeholders or markup: '<b>Warenkorb</b>'"),
        (
            'msgid "Cart"\nmsgid_plural "Carts"\nmsgstr[0] "K"\nmsgstr[1] "K"\n',
            "de: not one text for each number: 'Cart'",
        ),
    ],
)
def test_what_is_behind_is_named(catalog, spoiled, said):
    assert said in spoil(catalog, CART, spoiled)


def test_a_sentence_that_changed_in_the_source_is_missed(catalog, monkeypatch):
    source = translations.found_in_source()
    source.add("Your basket")
    source.delete("Your cart")
    monkeypatch.setattr(translations, "found_in_source", lambda: source)
    wrong = translations.check()
    for language in ("fr", "de", "es", "da"):
        assert f"{language}: not there: 'Your basket'" in wrong
        assert f"{language}: of no use any more: 'Your cart'" in wrong


def test_a_placeholder_must_be_kept(catalog):
    wrong = spoil(catalog, 'msgstr "ab %(amount)s"', 'msgstr "ab %(betrag)s"')
    assert wrong == ["de: other placeholders or markup: 'ab %(betrag)s'"]


def test_a_po_that_nobody_compiled_is_told(catalog):
    catalog.write_text(catalog.read_text().replace('msgstr "Warenkorb"', 'msgstr "Korb"'))
    assert translations.check() == ["de: its .mo is of another .po: run scripts/translations.py compile"]
    catalog.with_suffix(".mo").unlink()
    assert translations.check() == ["de: its .mo is of another .po: run scripts/translations.py compile"]


def test_a_language_without_a_catalog_is_told(catalog):
    shutil.rmtree(catalog.parent.parent)
    assert translations.check() == ["de: no catalog"]


def test_an_update_changes_nothing_where_nothing_is_new(catalog):
    before = catalog.read_text()
    translations.update()
    assert catalog.read_text() == before
    assert "Machine-made. Confirmed by: nobody yet" in before


def test_an_update_brings_what_is_new_and_keeps_what_is_translated(catalog, monkeypatch):
    source = translations.found_in_source()
    source.add("Your basket")
    monkeypatch.setattr(translations, "found_in_source", lambda: source)
    translations.update()
    assert CART in catalog.read_text()
    assert 'msgid "Your basket"\nmsgstr ""\n' in catalog.read_text()
