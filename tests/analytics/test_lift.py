"""The estimator by itself: published values, strata, and what may be said of an estimate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import lift
from analytics.lift import Group, Money, Verdict

# R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
PUBLISHED = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("mailed", "held", "limits"), PUBLISHED)
def test_the_interval_of_a_difference_of_shares_is_the_published_one(mailed, held, limits):
    found = lift.rates([(Group(mailed[1], mailed[0]), Group(held[1], held[0]))])
    assert found is not None
    assert (found.low, found.high) == pytest.approx(limits, abs=0.0001)


groups = st.integers(1, 5000).flatmap(lambda people: st.builds(Group, st.just(people), st.integers(0, people)))


@given(pairs=st.lists(st.tuples(groups, groups), min_size=1, max_size=4))
def test_the_estimate_lies_in_its_interval_and_the_interval_in_what_is_possible(pairs):
    found = lift.rates(pairs)
    assert found is not None
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    turned = lift.rates([(held, mailed) for mailed, held in pairs])
    assert turned is not None
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_a_share_changed_while_shopping_changed_does_not_look_like_an_effect():
    """Few held out in a bad month, half of all in a good one; mails do nothing in either."""
    bad, good = (Group(9000, 90), Group(1000, 10)), (Group(500, 100), Group(500, 100))
    found = lift.rates([bad, good])
    assert found is not None
    assert found.value == pytest.approx(0, abs=1e-9)
    thrown_together = lift.rates([(Group(9500, 190), Group(1500, 110))])
    assert thrown_together is not None
    assert thrown_together.high < 0  # a harm that is none


def test_a_stratum_with_one_group_only_says_nothing():
    both = (Group(200, 40), Group(200, 20))
    assert lift.rates([both, (Group(1000, 900), Group(0, 0))]) == lift.rates([both])
    assert lift.rates([]) is None
    assert lift.rates([(Group(1000, 900), Group(0, 0))]) is None


class TestWhatMayBeSaid:
    @pytest.mark.parametrize(
        ("mailed", "held", "said"),
        [
            (Group(1000, 100), Group(0, 0), Verdict.NO_CONTROL),
            (Group(0, 0), Group(1000, 100), Verdict.NO_CONTROL),
            (Group(1000, 300), Group(99, 0), Verdict.TOO_FEW),
            (Group(1000, 9), Group(1000, 0), Verdict.TOO_FEW),
            (Group(1000, 100), Group(1000, 95), Verdict.NOT_SEEN),
            (Group(1000, 150), Group(1000, 95), Verdict.MORE),
            (Group(1000, 95), Group(1000, 150), Verdict.FEWER),
        ],
    )
    def test_of_a_difference(self, mailed, held, said):
        strata = [(mailed, held)]
        assert lift.verdict(strata, lift.rates(strata)) == said
        assert said.is_known == (said in {Verdict.MORE, Verdict.FEWER})


def money(people: int, *paid: int) -> Money:
    return Money(people, sum(paid), sum(each * each for each in paid))


class TestMoneyPerPerson:
    def test_is_the_difference_of_the_means(self):
        found = lift.per_person([(money(200, *[1000] * 40), money(100, *[1000] * 10))])
        assert found is not None
        assert found.value == pytest.approx(100)
        assert found.low < 100 < found.high

    def test_where_all_pay_the_same_it_is_close_to_the_interval_of_shares(self):
        mailed, held = Group(5000, 600), Group(5000, 500)
        shares = lift.rates([(mailed, held)])
        paid = lift.per_person([(money(5000, *[1] * 600), money(5000, *[1] * 500))])
        assert shares is not None
        assert paid is not None
        assert (paid.low, paid.high) == pytest.approx((shares.low, shares.high), rel=0.05)

    def test_a_group_that_paid_nothing_has_an_interval_too(self):
        found = lift.per_person([(money(500, 900, 1100), money(500))])
        assert found is not None
        assert found.low < 0 < found.value < found.high
        nothing = lift.per_person([(money(500), money(500))])
        assert nothing is not None
        assert (nothing.low, nothing.high) == (0, 0)

    def test_everybody_paying_the_same_is_certain(self):
        found = lift.per_person([(money(10, *[500] * 10), money(10, *[300] * 10))])
        assert found is not None
        assert found.value == 200
        assert found.low <= 200 <= found.high
