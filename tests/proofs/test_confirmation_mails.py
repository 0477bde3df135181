"""Workers that are killed with -9 among the confirmation mails of real orders lose none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.proofs.shop import Shop, wait_until

BUY = "from tests.proofs.buy import buy_many\nbuy_many({count})"


def test_confirmation_mails_survive_killed_workers(
    tmp_path: Path, figures: Callable[..., None], full_size: bool
) -> None:
    count, kills = (2000, 8) if full_size else (200, 2)
    with Shop(tmp_path) as shop:
        wanted = shop.python(BUY.format(count=count))
        assert len(set(wanted)) == count
        for kill in range(1, kills + 1):
            shop.start_background()
            written = count * kill // (kills + 2)
            wait_until(
                lambda written=written: len(shop.mails()) >= written, 60, f"{written} mails\n{shop.log('worker')}"
            )
            for name in list(shop.processes):
                shop.kill(name)
            assert len(shop.mails()) < count, "the worker was quicker than the kill: nothing was proved"
            assert shop.open_events() > 0
        shop.start_background()
        wait_until(lambda: len(shop.mails()) == count, 120, "the rest of the mails")
        wait_until(lambda: shop.open_events() == 0, 30, "every event done")
        mails = shop.mails()
        assert set(mails) == set(wanted)
        figures(mails=count, kills=kills, lost=count - len(mails), written_twice=mails.total() - count)
        assert mails.total() - count <= kills * 4 * 2, "only what the killed threads had in hand may be written again"
