"""Two ways to use a page: with a pointer, and with the keyboard alone. The same verbs for both, so that a walk is
written once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tests.browser.sight import check_fit, check_rules, where_focus_is

MOST_STEPS = 90  # with Tab, from one thing to any other of the same page
Found = Any  # a locator of Playwright's


class Hands(ABC):
    """`states`: the pages and states looked at; `steps`: how often the focus moved by a key."""

    def __init__(self, page: Any, *, javascript: bool = True) -> None:
        self.page, self.javascript = page, javascript
        self.states: list[str] = []
        self.steps = 0

    # --- looking ----------------------------------------------------------------------------------
    def see(self, name: str) -> None:
        """No rule of accessibility is broken here, and everything fits its window."""
        self.page.wait_for_load_state("load")
        check_fit(self.page, name)
        if self.javascript:
            check_rules(self.page, name)
        else:
            self._check_copy(name)
        self.states.append(name)

    def _check_copy(self, name: str) -> None:
        """axe is a script itself: where the page may run none, it judges a copy that runs it and no other."""
        html, width = self.page.content(), self.page.viewport_size
        with self.page.context.browser.new_context(viewport=width, reduced_motion="reduce") as context:
            copy = context.new_page()
            copy.route("**/*.js", lambda route: route.abort())
            copy.goto(self.page.url.split("/", 3)[0] + "//" + self.page.url.split("/")[2] + "/healthz")
            copy.set_content(html, wait_until="load")
            check_rules(copy, name)

    def waits_for(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def is_at(self, path: str) -> None:
        self.page.wait_for_url(f"**{path}")

    # --- acting -----------------------------------------------------------------------------------
    def press(self, name: str, *, within: str = "body") -> None:
        self._activate(self.page.locator(within).get_by_role("button", name=name).first)

    def follow(self, name: str) -> None:
        self._activate(self.page.get_by_role("link", name=name).first, key="Enter")

    @abstractmethod
    def _activate(self, found: Found, key: str = "Enter") -> None: ...

    @abstractmethod
    def write(self, field: str, text: str) -> None:
        """In the place of what stands there."""

    @abstractmethod
    def pick(self, field: str, option: str) -> None:
        """Of a list, by what it is called."""

    @abstractmethod
    def choose(self, label: str) -> None:
        """A round or a square box."""

    # --- the focus --------------------------------------------------------------------------------
    def has_focus_on(self, sentence: str) -> None:
        """Whoever hears the page, or moves by keys, starts at the sentence."""
        said = self.page.evaluate("document.activeElement === document.body ? '' : document.activeElement.textContent")
        assert sentence in said, f"the focus is on {said[:80]!r}"
        self._sees_focus()

    def has_error_summary(self, sentence: str, field: str) -> None:
        """It has the focus, and the sentence in it leads to its field."""
        self.page.get_by_role("link", name=sentence).first.wait_for()
        assert self.page.evaluate("document.activeElement.matches('.problems, .notice')"), f"no focus on: {sentence}"
        self._sees_focus()
        self.follow(sentence)
        assert self.page.evaluate("field => document.activeElement.matches(field)", field), f"{sentence}: no {field}"
        self._sees_focus()

    def is_told(self, sentence: str, field: str) -> None:
        """In place: said by the live region, and beside the field. Without JavaScript: on top of the page."""
        if not self.javascript:
            self.has_error_summary(sentence, field)
            return
        self.page.locator("#told").filter(has_text=sentence).wait_for(state="attached")
        assert self.page.locator(field).first.get_attribute("aria-invalid") == "true"
        self._sees_focus()

    @abstractmethod
    def _sees_focus(self) -> None: ...


class Pointer(Hands):
    def _activate(self, found: Found, key: str = "Enter") -> None:  # noqa: ARG002
        found.click()

    def write(self, field: str, text: str) -> None:
        self.page.fill(field, text)

    def pick(self, field: str, option: str) -> None:
        self.page.select_option(field, label=option)

    def choose(self, label: str) -> None:
        self.page.get_by_label(label).check()

    def _sees_focus(self) -> None:
        """Where it is shown is the keyboard's matter."""


class Keyboard(Hands):
    """Tab, Shift+Tab, Enter and Space; the arrows inside of a group of round boxes. After each step the focus is
    where it can be seen."""

    def _activate(self, found: Found, key: str = "Enter") -> None:
        self._reach(found)
        self.page.keyboard.press(key)

    def write(self, field: str, text: str) -> None:
        self._reach(self.page.locator(field))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def pick(self, field: str, option: str) -> None:
        self._reach(self.page.locator(field))
        self.page.keyboard.type(option)
        assert self.page.locator(f"{field} option:checked").inner_text() == option

    def choose(self, label: str) -> None:
        box = self.page.get_by_label(label)
        self._reach(box)
        if box.get_attribute("type") == "checkbox":
            self.page.keyboard.press("Space")
            return
        for _ in range(8):
            if box.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
            where_focus_is(self.page)
        raise AssertionError(f"The arrows do not reach {label}.")

    def _sees_focus(self) -> None:
        where_focus_is(self.page)

    def _reach(self, found: Found) -> None:
        found.wait_for()
        wanted = found.element_handle()
        if self.page.evaluate("wanted => document.activeElement === wanted", wanted):
            return
        key = "Tab" if self.page.evaluate(_IS_AHEAD, wanted) else "Shift+Tab"
        for _ in range(MOST_STEPS):
            self.page.keyboard.press(key)
            self.steps += 1
            if where_focus_is(self.page, wanted)["arrived"]:
                return
        raise AssertionError(f"{key} does not reach {found}.")


_IS_AHEAD = """
(wanted) => document.activeElement === document.body
  || !!(document.activeElement.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_FOLLOWING)
"""
