"""A long list to choose from, written once: Django's own way of writing 250 countries or 60 states takes longer than
the rest of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Options = tuple[tuple[str, str], ...]  # value, label


@lru_cache(maxsize=300)
def _written(options: Options) -> str:
    return format_html_join("", '<option value="{}">{}', options)  # an end tag each is 4 kB of a page, and needless


class WrittenSelect(forms.Select):
    """`takes_others`: a value that is not on the list is shown as one more, chosen; its form says what is wrong."""

    def __init__(self, options: Callable[[], Options], *, takes_others: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_of = options
        self.takes_others = takes_others

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        options = self._chosen(str(value or ""))
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # noqa: S308 - escaped above

    def _chosen(self, value: str) -> str:
        written, start = _written(self.options_of()), f'<option value="{escape(value)}"'
        if value and f"{start}>" not in written:
            return f"{written}{start} selected>{escape(value)}" if self.takes_others else written
        return written.replace(f"{start}>", f"{start} selected>") if value else written
