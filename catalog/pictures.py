"""A picture for every product without a photograph: drawn from its name, in its own color, on no other host.

Mail programs show no SVG: for mails, what the demo shop sells is kept as PNG beside this file, too (scripts/pictures.py
makes them). Any other thing stands in a mail by its name alone.
"""

# ruff: noqa: E501 - a path is one thing and is not read

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from django.urls import reverse

# color word -> (the thing, its shade, the wall behind it)
_COLORS = {
    "blue": ("#3f6ea8", "#2f5687", "#dfe7f1"),
    "red": ("#c8493a", "#9f3529", "#f4e1dc"),
    "green": ("#55804f", "#3f623b", "#e1eadd"),
    "olive": ("#77784a", "#595a35", "#e9e8da"),
    "grey": ("#8b8f94", "#6b6f75", "#e8e9ea"),
    "black": ("#35373b", "#1f2023", "#e4e3e0"),
    "white": ("#fbfaf7", "#bdb6a6", "#ddd6c7"),
    "yellow": ("#dcaa3d", "#b78727", "#f6ecd3"),
    "brown": ("#9a6a43", "#77502f", "#efe4d8"),
    "teal": ("#3f8583", "#2d6664", "#dcebea"),
}
_PLAIN = ("teal", "brown", "blue", "olive", "yellow", "red", "green", "grey")
_USUAL = {
    "tomatoes": "red", "honey": "yellow", "candle": "yellow", "board": "brown", "beans": "brown", "belt": "brown",
    "oil": "olive", "salt": "grey", "knife": "grey", "shears": "green", "can": "teal", "blanket": "brown",
}  # fmt: skip

# Drawn on 400 x 400; {c} is the thing's color, {s} its shade, {w} the wall.
_TEE = (
    '<path d="M152 108 92 138l-22 66 44 16 12-30v122q74 14 148 0V190l12 30 44-16-22-66-60-30q-48 34-96 0z" fill="{c}"/>'
    '<path d="M152 108q48 34 96 0l10 5q-58 48-116 0z" fill="{s}"/>'
)
_SLEEVES = (
    '<path d="M150 106 96 132 62 282l40 12 26-92v108q72 12 144 0V202l26 92 40-12-34-150-54-26q-50 30-100 0z" fill="{c}"/>'
    '<path d="M150 106q50 30 100 0l8 8q-58 44-116 0zM128 298q72 12 144 0v12q-72 12-144 0z" fill="{s}"/>'
)
_JACKET = _SLEEVES + '<path d="M196 132h8v184h-8zM146 236h34v8h-34zM220 236h34v8h-34z" fill="{s}"/>'
_MUG = (
    '<path d="M252 170h34q34 0 34 44t-34 44h-40v-22h34q18 0 18-22t-18-22h-28z" fill="{s}"/>'
    '<path d="M110 138h150v130q0 36-40 36h-70q-40 0-40-36z" fill="{c}"/>'
    '<ellipse cx="185" cy="138" rx="75" ry="13" fill="{s}"/>'
)
_BOOK = (
    '<path d="M118 92h158q12 0 12 12v196q0 12-12 12H118z" fill="{c}"/><path d="M118 92h24v220h-24z" fill="{s}"/>'
    '<path d="M168 142h92v8h-92zM168 164h60v8h-60z" fill="{w}"/><path d="M262 92h8v220h-8z" fill="{s}"/>'
)
_FRUIT = (
    '<circle cx="150" cy="222" r="66" fill="{c}"/><circle cx="254" cy="232" r="62" fill="{s}"/>'
    '<circle cx="204" cy="164" r="58" fill="{c}"/>'
    '<path d="M204 106l10 22 24 2-18 14 4 20-20-10-20 10 4-20-18-14 24-2z" fill="#4e7a48"/>'
)
_JAR = (
    '<rect x="136" y="96" width="128" height="34" rx="8" fill="{s}"/>'
    '<path d="M132 138h136q14 12 14 36v106q0 28-28 28H146q-28 0-28-28V174q0-24 14-36z" fill="{c}"/>'
    '<rect x="118" y="188" width="164" height="64" fill="{w}"/><path d="M156 214h88v6h-88zM172 228h56v5h-56z" fill="{s}"/>'
)
_BOTTLE = (
    '<rect x="180" y="66" width="40" height="30" rx="5" fill="{s}"/>'
    '<path d="M182 100h36v44q0 16 18 28 16 11 16 34v96q0 20-20 20h-64q-20 0-20-20v-96q0-23 16-34 18-12 18-28z" fill="{c}"/>'
    '<rect x="148" y="220" width="104" height="58" fill="{w}"/><path d="M168 244h64v6h-64z" fill="{s}"/>'
)
_CANDLE = (
    '<path d="M200 84q22 26 0 48-22-22 0-48z" fill="#e08a3c"/><path d="M197 126h6v28h-6z" fill="#4a443c"/>'
    '<path d="M142 152h116v138q0 18-18 18h-80q-18 0-18-18z" fill="{c}"/><ellipse cx="200" cy="152" rx="58" ry="11" fill="{s}"/>'
)
_BOARD = (
    '<rect x="92" y="136" width="216" height="150" rx="20" fill="{c}"/><circle cx="276" cy="166" r="11" fill="{w}"/>'
    '<path d="M112 186h126v5H112zM112 220h176v5H112zM112 252h150v5H112z" fill="{s}"/>'
)
_BAG = (
    '<path d="M132 118h136l14 178q1 14-14 14H132q-15 0-14-14z" fill="{c}"/><path d="M128 96h144v28H128z" fill="{s}"/>'
    '<rect x="154" y="176" width="92" height="84" fill="{w}"/><circle cx="200" cy="210" r="15" fill="{s}"/>'
    '<path d="M172 240h56v6h-56z" fill="{s}"/>'
)
_TOTE = (
    '<path d="M152 168v-30q0-48 48-48t48 48v30" fill="none" stroke="{s}" stroke-width="12"/>'
    '<path d="M112 164h176l12 132q1 14-14 14H114q-15 0-14-14z" fill="{c}"/>'
)
_BLADE = (
    '<path d="M76 250 250 120q34-20 44 8L150 262z" fill="{c}"/><path d="m96 236-46 40q-8 24 20 26l50-42z" fill="{s}"/>'
)
_CAN = (
    '<path d="M140 150h112v134q0 22-22 22h-68q-22 0-22-22z" fill="{c}"/>'
    '<path d="M252 252q60-6 68-108l-18-8q-12 70-50 78z" fill="{c}"/><path d="m290 120 46 18-6 14-48-18z" fill="{s}"/>'
    '<path d="M146 166q-70-6-70 52t70 56v-16q-52-2-52-40t52-36z" fill="{s}"/><ellipse cx="196" cy="150" rx="56" ry="10" fill="{s}"/>'
)
_FOLDED = (
    '<rect x="86" y="232" width="228" height="58" rx="28" fill="{c}"/><rect x="86" y="172" width="228" height="58" rx="28" fill="{s}"/>'
    '<rect x="86" y="112" width="228" height="58" rx="28" fill="{c}"/><path d="M120 146h110v6H120zM120 266h110v6H120z" fill="{w}"/>'
)
_RING = (
    '<circle cx="200" cy="200" r="92" fill="none" stroke="{c}" stroke-width="34"/>'
    '<rect x="172" y="266" width="56" height="52" rx="8" fill="none" stroke="{s}" stroke-width="10"/>'
)
_CONE = (
    '<path d="M112 96h176l-56 94h-64z" fill="{c}"/><path d="M158 190h84l36 100q4 18-18 18H140q-22 0-18-18z" fill="{s}"/>'
    '<path d="M150 250h100l20 50q-70 10-140 0z" fill="{c}"/>'
)
_SHAPES = {
    "t-shirt": _TEE, "shirt": _SLEEVES, "sweater": _SLEEVES, "jacket": _JACKET, "mug": _MUG, "notebook": _BOOK,
    "tomatoes": _FRUIT, "honey": _JAR, "salt": _JAR, "oil": _BOTTLE, "candle": _CANDLE, "board": _BOARD,
    "beans": _BAG, "tote": _TOTE, "knife": _BLADE, "shears": _BLADE, "can": _CAN, "blanket": _FOLDED,
    "belt": _RING, "pour": _CONE,
}  # fmt: skip


PNGS = Path(__file__).with_name("png")
_KEPT = frozenset(file.stem for file in PNGS.glob("*.png"))


def picture_url(slug: str, *hints: str) -> str:
    """The picture's address; a color word in the hints (a variant's name) gives its color."""
    color = _named(hints)
    return reverse("picture", args=[slug]) + (f"?{urlencode({'color': color})}" if color else "")


def mail_picture_url(slug: str, *hints: str) -> str:
    """The same picture as a PNG; '' where none is kept."""
    look = look_of(slug, *hints)
    return reverse("mail_picture", args=[look]) if look in _KEPT else ""


def look_of(slug: str, *hints: str) -> str:
    """What is drawn: all that look the same are one picture, such as every t-shirt-blue."""
    kind = _kind(slug)
    return f"{kind or slug}-{_color(slug, kind, _named(hints))}"


def png(look: str) -> bytes | None:
    return (PNGS / f"{look}.png").read_bytes() if look in _KEPT else None


def _named(hints: tuple[str, ...]) -> str:
    return next((word for hint in hints for word in re.findall(r"[a-z]+", hint.lower()) if word in _COLORS), "")


def _kind(slug: str) -> str:
    return next((word for word in _SHAPES if word in slug), "")


def _color(slug: str, kind: str, named: str) -> str:
    if named in _COLORS:
        return named
    return _USUAL.get(kind) or _PLAIN[_number(slug) % len(_PLAIN)]


@lru_cache(maxsize=512)
def draw(slug: str, color: str = "") -> str:
    """An SVG document. Unknown colors fall back to the usual one of such a thing, unknown things to a composition."""
    kind = _kind(slug)
    thing, shade, wall = _COLORS[_color(slug, kind, color)]
    shape = _SHAPES[kind] if kind else _composition(slug)
    body = shape.format(c=thing, s=shade, w=wall)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f'<path fill="{wall}" d="M0 0h400v400H0z"/><ellipse cx="200" cy="324" rx="128" ry="13" fill="#000" opacity=".08"/>'
        f"{body}</svg>"
    )


def _composition(slug: str) -> str:
    """Three plain shapes, arranged by the name: calm, and never the same for two products."""
    number = _number(slug)
    x, radius, turn = 150 + number % 100, 56 + number // 100 % 30, number // 7 % 60 - 30
    return (
        f'<rect x="132" y="150" width="136" height="160" rx="10" fill="{{c}}" transform="rotate({turn // 4} 200 310)"/>'
        f'<circle cx="{x}" cy="150" r="{radius}" fill="{{s}}"/>'
        '<path d="M150 310a50 50 0 0 1 100 0z" fill="{w}"/>'
    )


def _number(slug: str) -> int:
    return int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4])
