"""The page about the merchant's pages: its sums, and what is over the aim."""

from __future__ import annotations

import dataclasses
import json

from bench.dashboard_report import Paged, PageResult, page, read

FEW = Paged(10_000, 5.0, [PageResult("orders", 6, [0.1, 0.3, 0.2]), PageResult("home", 40, [0.2])])
MANY = Paged(1_000_000, 300.0, [PageResult("orders", 6, [0.25]), PageResult("home", 41, [0.8])])


def test_medians_are_held_against_each_other():
    text = page(FEW, MANY, on="PostgreSQL", rounds=3)
    assert "| orders | 200 | 250 | **1.2** | 6 | 6 |" in text
    assert "| home | 200 | 800 | **4.0** | 40 | 41 |" in text


def test_what_is_over_the_aim_is_said():
    assert "1 of 2 pages within the aim. Over it: home." in page(FEW, MANY, on="PostgreSQL", rounds=3)
    assert "2 of 2 pages within the aim. Over it: none." in page(FEW, FEW, on="PostgreSQL", rounds=3)


def test_rounds_are_put_together():
    texts = [
        json.dumps([dataclasses.asdict(PageResult(each.name, each.queries, [number / 10])) for each in FEW.pages])
        for number in (1, 2)
    ]
    found = read(10_000, 5.0, texts)
    assert [(each.name, each.seconds) for each in found.pages] == [("orders", [0.1, 0.2]), ("home", [0.1, 0.2])]
