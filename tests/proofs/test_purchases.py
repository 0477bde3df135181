"""Many purchases at once, their workers killed with -9 among them: all of them end, and the books are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs.shop import Shop, wait_until

ASK = "from tests.proofs.buy_by_address import ask_many\nask_many({count})"
BOOKS = "from tests.proofs.buy_by_address import books\nbooks()"
OPEN = "purchases_purchase WHERE status = 'processing'"


@pytest.mark.timeout(1800)
@pytest.mark.once
def test_purchases_at_once_all_end_and_no_cent_is_missing(
    tmp_path: Path, figures: Callable[..., None], full_size: bool
) -> None:
    count, kills = (200, 3) if full_size else (30, 1)
    with Shop(tmp_path, PURCHASE_DEADLINE_SECONDS="3600") as shop:
        asked = shop.python(ASK.format(count=count))
        assert len(set(asked)) == count
        for kill in range(1, kills + 1):
            shop.start_background()
            left = count - count * kill // (kills + 2)
            wait_until(
                lambda left=left: shop.count(OPEN) <= left, 300, lambda left=left: f"{left} left\n{shop.log('worker')}"
            )
            for name in list(shop.processes):
                shop.kill(name)
        shop.start_background()
        wait_until(lambda: shop.count(OPEN) == 0, 600, lambda: f"every purchase ended\n{shop.log('worker')}")
        wait_until(lambda: shop.open_events() == 0, 600, "every event done")
        books = shop.python(BOOKS)
    share = count // 5
    assert books["completed"] + books["failed"] == count
    assert (books["out_of_balance"], books["below_zero"], books["held"], books["open_holds"]) == (0, 0, 0, 0)
    assert books["purchased"] == books["settled"] == books["captured"] == books["accepted"]
    assert (books["orders"], books["pending_orders"]) == (books["completed"], 0)
    assert books["of_client"] == {
        "Client 0": share,
        "Client 1": 3,
        "Client 2": 3,
        "Client 3": min(share, 10),
        "Client 4": 1,
    }
    figures(purchases=count, kills=kills, completed=books["completed"], failed=books["failed"], cents_of_difference=0)
