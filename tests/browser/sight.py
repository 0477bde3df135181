"""What somebody sees of a page: whether it fits its window, and where the keyboard is."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

TOO_SMALL = """
() => [...document.querySelectorAll('a, button, input, select')].filter(element => {
  const box = (element.closest('label') || element).getBoundingClientRect();
  const isInText = element.tagName === 'A' && element.parentElement.tagName === 'P';
  const isHidden = box.width <= 1 || box.height <= 1 || element.type === 'hidden' || element.matches('.skip');
  return !isHidden && !isInText && (box.width < 24 || box.height < 24);
}).map(element => element.outerHTML)
"""
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"

# Every line of text and everything to press or type into, with its box: [element, left, top, right, bottom].
_BOXES = """
const shown = (element) => element.checkVisibility({visibilityProperty: true}) && !element.closest('.away, .skip');
const floats = (element) => {
  for (let one = element; one; one = one.parentElement)
    if (['fixed', 'sticky'].includes(getComputedStyle(one).position)) return one;
  return null;
};
const boxes = () => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const owner = text.parentElement;
    if (!text.data.trim() || !shown(owner) || owner.closest('select, script, style')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) if (box.width > 1) found.push([owner, box]);
  }
  for (const element of document.querySelectorAll('input:not([type=hidden]), select, button, img'))
    if (shown(element)) found.push([element, element.getBoundingClientRect()]);
  return found;
};
const named = (element) =>
  `${element.tagName} ${(element.textContent || element.id || element.name).trim().slice(0, 40)}`;
"""
_CUT_OFF = (
    "() => {"
    + _BOXES
    + """
  const wide = document.documentElement.clientWidth;
  const outside = boxes().filter(([, box]) => box.left < -1 || box.right > wide + 1).map(([element]) => named(element));
  const clipped = [...document.querySelectorAll('main *')].filter((element) => shown(element)
    && getComputedStyle(element).overflowX !== 'visible' && !element.matches('input, select')
    && element.scrollWidth > element.clientWidth + 1).map(named);
  return [...outside, ...clipped];
}"""
)
_OVERLAPPED = (
    "() => {"
    + _BOXES
    + """
  const all = boxes().filter(([element]) => !floats(element)), found = [];
  for (let one = 0; one < all.length; one++) for (let two = one + 1; two < all.length; two++) {
    const [[first, a], [second, b]] = [all[one], all[two]];
    if (first.contains(second) || second.contains(first)) continue;
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > 4) found.push(`${named(first)} / ${named(second)}`);
  }
  return found;
}"""
)
# The share of the window that is taken by what stays in view.
_STUCK = """
() => [...document.querySelectorAll('body *')].filter((element) => getComputedStyle(element).position === 'fixed'
  && element.checkVisibility()).reduce((sum, element) => sum + element.getBoundingClientRect().height, 0) / innerHeight
"""
# Where the keyboard is. `ring`: it can be seen. `hidden`: another element lies over it, or it is out of the window.
_FOCUS = """
(wanted) => {
  const active = document.activeElement;
  if (!active || active === document.body) return {lost: true};
  const rings = [[active, null], [active, '::after'], [active.closest('label'), null]].some(([element, part]) => {
    const style = element && getComputedStyle(element, part);
    return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = active.getClientRects()[0] || active.getBoundingClientRect();
  const inset = (from, to) => [from + Math.min(4, (to - from) / 4), (from + to) / 2, to - Math.min(4, (to - from) / 4)];
  const points = inset(box.left, box.right).flatMap((x) => inset(box.top, box.bottom).map((y) => [x, y]));
  const isSeen = ([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (active.contains(top) || top.closest('label')?.contains(active));
  };
  const isBig = box.height > innerHeight / 2;
  const seen = points.filter(isSeen).length;
  return {
    lost: false, ring: rings || active.matches('main'), hidden: isBig ? seen === 0 : seen < points.length,
    arrived: !!wanted && (active === wanted || active.type === 'radio' && wanted.type === 'radio'
      && active.name === wanted.name && active.form === wanted.form),
    name: active.outerHTML.slice(0, 160), box: [box.left, box.top, box.right, box.bottom].map(Math.round),
  };
}
"""
MOST_STUCK = 0.25


def check_fit(page: Any, name: str) -> None:
    """Nothing reaches over the window's edge, is cut off or lies over something else, and most of it is the page's."""
    assert not page.evaluate(OVERFLOWS), f"{name}: scrolls sideways"
    assert page.evaluate(_CUT_OFF) == [], f"{name}: cut off"
    assert page.evaluate(_OVERLAPPED) == [], f"{name}: one over the other"
    assert page.evaluate(_STUCK) <= MOST_STUCK, f"{name}: what stays in view takes too much of it"
    assert page.evaluate(TOO_SMALL) == [], f"{name}: too small to hit"


def check_rules(page: Any, name: str) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"


def where_focus_is(page: Any, wanted: Any = None) -> dict[str, Any]:
    """Fails where the keyboard's place is lost, cannot be seen or is covered."""
    focus: dict[str, Any] = page.evaluate(_FOCUS, wanted)
    assert not focus["lost"], "the keyboard's place is lost"
    assert focus["ring"], f"no ring around {focus['name']}"
    assert not focus["hidden"], f"covered: {focus['name']} at {focus['box']}"
    return focus
