"""What a page of the admin must not have, seen by a browser: a fault on its console, something that the security policy
forbids, a violation that axe-core finds, or an edge that it reaches over on a phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests.browser.chromium import DESKTOP, PHONE, TELL_VIOLATIONS
from tests.browser.test_accessibility import OVERFLOWS

Look = tuple[tuple[int, int], bool]  # size, dark
DAY_AT_A_DESK: Look = (DESKTOP, False)
NIGHT_ON_A_PHONE: Look = (PHONE, True)
EVERY: tuple[Look, ...] = (DAY_AT_A_DESK, (DESKTOP, True), (PHONE, False), NIGHT_ON_A_PHONE)

_AXE = Axe().axe_script
_RUN_AXE = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map((each) =>
  `${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.target} ${node.html.slice(0, 160)}`).join(" | ")}`)
"""
# Unfold's page as it is served; a mail inside a page is shown without scripts, and Chromium says so.
_EXPECTED = ("sandboxed",)


@dataclass
class Walk:
    """Of somebody's pages in one browser. `faults` are sentences, each with the page and how it was looked at."""

    chromium: Any
    base_url: str
    faults: list[str] = field(default_factory=list)
    seen: int = 0
    _at: str = ""

    def begin(self, client: Client, look: Look) -> Any:
        """A page of a browser in which the client is signed in."""
        size, dark = look
        context = self.chromium.new_context(
            base_url=self.base_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        context.add_init_script(TELL_VIOLATIONS)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.base_url}])
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._note(str(error.error)))
        return context.new_page()

    def visit(self, page: Any, path: str, look: Look) -> None:
        """Opens it, and looks at it."""
        self._at = f"{path} at {look[0][0]} {'dark' if look[1] else 'light'}"
        answer = page.goto(path, wait_until="load")
        if answer.status != 200:
            self._note(f"answers {answer.status}")
            return
        self.look_at(page)

    def look_at(self, page: Any) -> None:
        page.evaluate(_AXE)
        for violation in page.evaluate(_RUN_AXE):
            self._note(violation)
        if page.evaluate(OVERFLOWS):
            self._note("reaches over the edge of the window")
        self.seen += 1

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not any(words in message.text for words in _EXPECTED):
            self._note(f"console: {message.text}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self._at}: {fault}")
