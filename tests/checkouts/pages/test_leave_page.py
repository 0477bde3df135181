"""Forms lead off this site by a page of our own: the policy allows them nowhere else."""

import pytest

from orders.links import token_of
from orders.models import Order
from payments.models import Payment
from payments.states import PaymentStatus
from tests.checkouts.pages.shopper import text_of

ELSEWHERE = "https://pay.example/approve?id=1&next=%2F"


@pytest.fixture
def order_path(shopper) -> str:
    """An order whose payment waits for its approval on another site."""
    shopper.add()
    shopper.buy(test_card="tok_threeDSecureRequired")
    Payment.objects.update(action_url=ELSEWHERE)
    return f"/orders/{token_of(Order.objects.get())}"


def leads_to(response) -> str:
    return response["Refresh"].removeprefix("0; url=")


@pytest.mark.parametrize(
    ("provider", "instrument", "place"),
    [
        ("stripe", "tok_threeDSecureRequired", "your bank"),
        ("stripe", "hosted", "Stripe"),
        ("paypal", "", "PayPal"),
        ("mobilepay", "+4512345678", "MobilePay"),
    ],
)
def test_it_says_where_to_and_how_much_and_goes_by_itself_and_by_a_link(
    shopper, order_path, provider, instrument, place
):
    Payment.objects.update(provider=provider, instrument=instrument)
    response = shopper.get(f"{order_path}/approve")
    assert response.status_code == 200
    assert leads_to(response) == ELSEWHERE
    assert f"You are being sent to {place} to pay $30.98." in text_of(response)
    assert f'href="{ELSEWHERE.replace("&", "&amp;")}"' in response.content.decode()


def test_it_is_kept_by_nobody_and_its_address_told_to_nobody(shopper, order_path):
    response = shopper.get(f"{order_path}/approve")
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


def test_whoever_has_the_link_gets_on_also_from_another_device(shopper, order_path):
    shopper.client.cookies.clear()
    assert leads_to(shopper.get(f"{order_path}/approve")) == ELSEWHERE


def test_an_approval_on_this_site_needs_no_page_between(shopper, order_path):
    Payment.objects.update(action_url="http://127.0.0.1:8000/test-gateway/test_1")
    response = shopper.get(f"{order_path}/approve")
    assert (response.status_code, response["Location"]) == (302, "/test-gateway/test_1")


@pytest.mark.parametrize("status", [status for status in PaymentStatus if status != PaymentStatus.REQUIRES_ACTION])
def test_a_payment_that_waits_for_nobody_leads_to_its_order(shopper, order_path, status):
    Payment.objects.update(status=status)
    assert shopper.get(f"{order_path}/approve")["Location"] == order_path


def test_one_that_the_browser_confirms_has_no_page_to_go_to(shopper, order_path):
    Payment.objects.update(action_url="")
    assert shopper.get(f"{order_path}/approve")["Location"] == order_path


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_it_leads_to_pages_of_the_web_alone(shopper, order_path, url):
    Payment.objects.update(action_url=url)
    assert shopper.get(f"{order_path}/approve")["Location"] == order_path


def test_its_address_chooses_nothing(shopper, order_path):
    response = shopper.get(f"{order_path}/approve?url=https://evil.example/&next=https://evil.example/")
    assert leads_to(response) == ELSEWHERE
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ".AAAA"])
def test_a_link_we_did_not_sign_is_not_found(shopper, token):
    assert shopper.get(f"/orders/{token}/approve").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(shopper, order_path, method):
    assert getattr(shopper.client, method)(f"{order_path}/approve").status_code == 405


def test_looking_changes_nothing(shopper, order_path, django_assert_num_queries):
    shopper.client.cookies.clear()
    with django_assert_num_queries(2):
        shopper.get(f"{order_path}/approve")
    assert Payment.objects.get().status == PaymentStatus.REQUIRES_ACTION


def test_coming_back_goes_on_to_the_address_the_api_caller_gave(shopper, order_path):
    Payment.objects.update(redirect_url="https://caller.example/thanks?order=1")
    shopper.client.post(f"/test-gateway/{Payment.objects.get().gateway_reference}", {"answer": "approve"})
    response = shopper.get(f"{order_path}/return")
    assert leads_to(response) == "https://caller.example/thanks?order=1"
    assert "You are being sent back to caller.example." in text_of(response)
    assert "no-store" in response["Cache-Control"]
    assert Order.objects.get().number


def test_from_another_sites_page_coming_back_goes_on_at_once(shopper, order_path):
    Payment.objects.update(redirect_url="https://caller.example/thanks", gateway="paypal", status="declined")
    assert shopper.get(f"{order_path}/return")["Location"] == "https://caller.example/thanks"


def test_coming_back_to_a_caller_on_this_site_needs_no_page_between(shopper, order_path):
    Payment.objects.update(redirect_url="http://127.0.0.1:8000/cart/")
    assert shopper.get(f"{order_path}/return")["Location"] == "/cart/"


def test_an_address_of_this_site_never_becomes_one_of_another(shopper, order_path):
    Payment.objects.update(redirect_url="http://127.0.0.1:8000//evil.example/thanks")
    response = shopper.get(f"{order_path}/return")
    assert leads_to(response) == "http://127.0.0.1:8000//evil.example/thanks"


@pytest.mark.parametrize("path", ["/", "/checkout/", "/cart/", "{order}", "{order}/approve"])
def test_forms_lead_nowhere_but_to_this_shop(shopper, order_path, path):
    shopper.add()
    policy = shopper.get(path.format(order=order_path))["Content-Security-Policy"]
    assert "form-action 'self'" in [part.strip() for part in policy.split(";")]
