"""The PNGs of catalog/png, which mails show: what the demo shop sells, as catalog/pictures.py draws it.

    .venv/bin/python scripts/pictures.py      # after a drawing or the demo's goods changed; needs Chromium

Each says which drawing it was made from, so that a test sees one that is out of date.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_project.settings_test")

from catalog.pictures import PNGS, draw, look_of  # noqa: E402
from demo.goods import PRODUCTS  # noqa: E402

SIDE = 120  # shown at 60: sharp on a phone
_STEP = 8  # colors are rounded to it: a palette of 256 holds them all
_PIXELS = """
async ([svg, side]) => {
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const paper = canvas.getContext("2d");
  paper.drawImage(picture, 0, 0, side, side);
  return [...paper.getImageData(0, 0, side, side).data];
}
"""


def wanted() -> dict[str, str]:
    """{look: the drawing} of everything that the demo shop sells."""
    things = [(product.slug, look_of(product.slug, one.name)) for product in PRODUCTS for one in product.variants]
    return {look: draw(slug, look.rpartition("-")[2]) for slug, look in things}


def source(svg: str) -> bytes:
    """What a PNG says of the drawing it was made from."""
    return b"Source\0" + hashlib.sha256(svg.encode()).hexdigest().encode()


def write_png(rgba: list[int], side: int, svg: str) -> bytes:
    """With a palette: a few flat colors and their blends."""
    pixels = [tuple(_rounded(value) for value in rgba[at : at + 3]) for at in range(0, len(rgba), 4)]
    palette = sorted(set(pixels))
    numbers = {color: number for number, color in enumerate(palette)}
    lines = (bytes(numbers[one] for one in pixels[row * side : (row + 1) * side]) for row in range(side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)),
        (b"tEXt", source(svg)),
        (b"PLTE", bytes(value for color in palette for value in color)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _rounded(value: int) -> int:
    return min(round(value / _STEP) * _STEP, 255)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _pixels(drawings: dict[str, str]) -> Iterator[tuple[str, str, list[int]]]:
    from tests.browser.chromium import launched

    with launched() as browser:
        page: Any = browser.new_page()
        for look, svg in drawings.items():
            yield look, svg, page.evaluate(_PIXELS, [svg, SIDE])


def main() -> int:
    PNGS.mkdir(exist_ok=True)
    for old in PNGS.glob("*.png"):
        old.unlink()
    for look, svg, rgba in _pixels(wanted()):
        (PNGS / f"{look}.png").write_bytes(write_png(rgba, SIDE, svg))
    files = list(PNGS.glob("*.png"))
    print(f"{len(files)} pictures, {sum(file.stat().st_size for file in files)} bytes, in {PNGS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"DATA_DIR": data, "DATABASE_URL": "", "REDIS_URL": ""}
        sys.exit(main())
