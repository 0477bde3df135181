import pytest

from payments.gateways.base import Outcome
from payments.models import TestCharge
from tests.checkouts.pages.shopper import text_of


@pytest.fixture
def page(shopper) -> str:
    shopper.add()
    return shopper.buy(test_card="tok_threeDSecureRequired")["Location"]


def test_it_shows_the_amount_and_that_it_is_a_simulation(shopper, page):
    text = text_of(shopper.get(page))
    assert "$30.98" in text
    assert "Simulation." in text
    assert "No money moves." in text


def test_looking_changes_nothing(shopper, page):
    shopper.get(page)
    shopper.get(page + "?answer=approve")
    assert TestCharge.objects.get().outcome == Outcome.REQUIRES_ACTION


@pytest.mark.parametrize(("word", "outcome"), [("approve", Outcome.CAPTURED), ("decline", Outcome.DECLINED)])
def test_a_button_answers_and_a_second_answer_changes_nothing(shopper, page, word, outcome):
    response = shopper.client.post(page, {"answer": word})
    assert response["Location"].startswith("/orders/")
    assert "/return?payment=" in response["Location"]
    shopper.client.post(page, {"answer": "decline" if word == "approve" else "approve"})
    assert TestCharge.objects.get().outcome == outcome
    assert "already" in text_of(shopper.get(page))


@pytest.mark.parametrize("fields", [{}, {"answer": "perhaps"}])
def test_no_clear_answer_is_none(shopper, page, fields):
    assert shopper.client.post(page, fields).status_code == 400
    assert TestCharge.objects.get().outcome == Outcome.REQUIRES_ACTION


def test_an_unknown_reference_is_not_found(shopper):
    assert shopper.get("/test-gateway/test_0").status_code == 404
    assert shopper.client.post("/test-gateway/test_0", {"answer": "approve"}).status_code == 404
