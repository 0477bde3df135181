from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkouts.models import Checkout, ShippingRate
from checkouts.states import CheckoutStatus
from tests.admin_forms import errors_of, filled_in
from tests.admin_rows import make_checkout, make_order, staff_with
from tests.dashboard.ticked import ask, choose
from tests.factories import make_shipping

LIST = "admin:checkouts_checkout_changelist"


def press(client, button: str, checkout: Checkout, **headers: str):
    address = reverse(f"admin:checkouts_checkout_{button}", args=[checkout.pk])
    return client.post(address, {"_form_submitted": "1"}, headers=headers)


def status(checkout: Checkout) -> str:
    checkout.refresh_from_db()
    return checkout.status


@pytest.fixture
def checkout(db) -> Checkout:
    return make_checkout()


@pytest.fixture
def completed(db) -> Checkout:
    return make_checkout(2, status=CheckoutStatus.COMPLETED, order=make_order(2))


def test_staff_expires_and_reopens_from_the_list(admin_client, checkout):
    assert "1 checkout ended." in choose(admin_client, "expire_selected", checkout)
    assert status(checkout) == CheckoutStatus.EXPIRED
    choose(admin_client, "reopen_selected", checkout)
    assert status(checkout) == CheckoutStatus.ACTIVE


def test_an_act_done_twice_is_harmless(admin_client, checkout):
    for _ in range(2):
        choose(admin_client, "expire_selected", checkout)
    assert status(checkout) == CheckoutStatus.EXPIRED
    for _ in range(2):
        choose(admin_client, "reopen_selected", checkout)
    assert status(checkout) == CheckoutStatus.ACTIVE


def test_what_cannot_be_done_is_said_and_the_rest_is_done(admin_client, checkout, completed):
    html = choose(admin_client, "expire_selected", checkout, completed)
    assert "1 not: The checkout is completed and cannot become expired (" in html
    assert (status(checkout), status(completed)) == (CheckoutStatus.EXPIRED, CheckoutStatus.COMPLETED)


def test_a_button_on_the_page_asks_first_and_then_acts(admin_client, checkout):
    address = reverse("admin:checkouts_checkout_expire", args=[checkout.pk])
    assert "Expire this checkout" in admin_client.get(address).content.decode()
    assert status(checkout) == CheckoutStatus.ACTIVE
    answer = press(admin_client, "expire", checkout)
    assert answer.status_code == 302
    assert status(checkout) == CheckoutStatus.EXPIRED


def test_the_dialog_moves_the_page_it_was_opened_on(admin_client, checkout):
    answer = press(admin_client, "expire", checkout, **{"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("admin:checkouts_checkout_change", args=[checkout.pk])


def test_a_button_for_a_checkout_that_is_gone_is_not_found(admin_client, checkout):
    for odd in ("999", "9" * 30, "²", "x"):
        address = reverse("admin:checkouts_checkout_expire", args=[odd])
        assert admin_client.post(address, {"_form_submitted": "1"}).status_code == 404, odd


def test_who_did_it_is_written_down(admin_client, checkout, admin_user):
    press(admin_client, "expire", checkout)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (admin_user, str(checkout.pk))
    assert "Made expired (was active)" in entry.get_change_message()


def test_staff_that_may_only_look_cannot_act(client, checkout):
    client.force_login(staff_with("checkouts.view_checkout"))
    html = client.get(reverse("admin:checkouts_checkout_change", args=[checkout.pk])).content.decode()
    assert "/expire/" not in html
    assert press(client, "expire", checkout).status_code == 403
    ask(client, "expire_selected", checkout)
    assert status(checkout) == CheckoutStatus.ACTIVE


def test_staff_with_the_permission_acts_without_being_a_superuser(client, checkout):
    client.force_login(staff_with("checkouts.change_checkout"))
    assert press(client, "expire", checkout).status_code == 302
    choose(client, "reopen_selected", checkout)
    assert status(checkout) == CheckoutStatus.ACTIVE


def test_nobody_adds_edits_or_deletes_a_checkout(admin_client, checkout):
    for name, args in (("add", []), ("change", [checkout.pk]), ("delete", [checkout.pk])):
        assert admin_client.post(reverse(f"admin:checkouts_checkout_{name}", args=args), {}).status_code == 403


def test_a_checkout_is_found_by_email_id_and_session(admin_client, checkout):
    make_checkout(2)
    for term in ("ada.1@", "ADA.1@EXAMPLE.COM", str(checkout.pk), str(checkout.session_key)):
        found = admin_client.get(reverse(LIST), {"q": term}).context["cl"].result_list
        assert list(found) == [checkout], term


def test_its_page_shows_the_lines_the_sums_and_the_order_but_never_the_shoppers_key(admin_client, completed):
    html = admin_client.get(reverse("admin:checkouts_checkout_change", args=[completed.pk])).content.decode()
    assert "MUG-Small" in html  # as it was agreed
    assert "$25.99" in html
    assert reverse("admin:orders_order_change", args=[completed.order_id]) in html
    assert str(completed.session_key) not in html


def test_a_shipping_rate_is_typed_in_major_units(admin_client, db):
    method = make_shipping(amount=599)
    address = reverse("admin:checkouts_shippingmethod_change", args=[method.pk])
    assert 'value="5.99"' in admin_client.get(address).content.decode()
    data = filled_in(admin_client, address, **{"rates-0-amount": "6.5"})
    assert errors_of(admin_client.post(address, data)) == ""
    assert sorted(ShippingRate.objects.values_list("amount", flat=True)) == [599, 650]
    assert "at most 2 decimals" in errors_of(admin_client.post(address, data | {"rates-0-amount": "6.555"}))


class TestRatesByCountry:
    @pytest.fixture
    def save(self, admin_client, db):
        """Adds a rate to a method that costs $5.99 everywhere; what was wrong with it."""
        self.method = make_shipping(currencies=("USD",))
        address = reverse("admin:checkouts_shippingmethod_change", args=[self.method.pk])

        def save(**rate: str) -> str:
            given = {
                f"rates-1-{name}": value for name, value in {"is_offered": "on", "currency": "USD", **rate}.items()
            }
            data = filled_in(admin_client, address, **{"rates-TOTAL_FORMS": "2"}, **given)
            return errors_of(admin_client.post(address, {name: value for name, value in data.items() if value}))

        return save

    def rates(self) -> list[tuple[str, bool, int]]:
        return list(self.method.rates.values_list("country", "is_offered", "amount"))

    def test_a_country_has_a_price_of_its_own(self, save, admin_client):
        assert save(country="NO", amount="19.50") == ""
        assert self.rates() == [("", True, 599), ("NO", True, 1950)]
        html = admin_client.get(reverse("admin:checkouts_shippingmethod_changelist")).content.decode()
        assert "$5.99, NO $19.50" in html

    def test_a_country_can_be_left_out(self, save, admin_client):
        assert save(country="NO", is_offered="") == ""
        assert self.rates() == [("", True, 599), ("NO", False, 0)]
        html = admin_client.get(reverse("admin:checkouts_shippingmethod_changelist")).content.decode()
        assert "$5.99, not to NO" in html

    @pytest.mark.parametrize(
        ("rate", "sentence"),
        [
            ({"country": "", "amount": "7"}, "duplicate"),
            ({"country": "", "amount": "7", "is_offered": ""}, "Name the country it is not shipped to"),
            ({"country": "NO", "amount": ""}, "What does it cost?"),
            ({"country": "NO", "amount": "-1"}, "greater than or equal to 0"),
            ({"country": "NO", "amount": "1.999"}, "at most 2 decimals"),
            ({"country": "ZZ", "amount": "1"}, "Select a valid choice"),
            ({"country": "NO", "amount": "1", "currency": "dollars"}, "at most 3 characters"),
        ],
    )
    def test_what_makes_no_sense_is_said_and_not_saved(self, save, rate, sentence):
        assert sentence in save(**rate)
        assert self.rates() == [("", True, 599)]

    def test_one_rate_a_country(self, save):
        make = ShippingRate.objects.create
        save(country="NO", amount="19.50")
        with pytest.raises(IntegrityError), transaction.atomic():
            make(method=self.method, currency="USD", country="NO", amount=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            make(method=self.method, currency="EUR", is_offered=False, amount=1)

    def test_it_is_written_down(self, save, admin_user):
        save(country="NO", amount="19.50")
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (admin_user, str(self.method.pk))
        assert "NO $19.50" in entry.get_change_message()

    def test_the_list_makes_as_many_queries_for_many_rates_as_for_one(self, admin_client, db):
        counts = []
        for countries in (("NO",), ("DK", "SE", "FI", "DE", "FR")):
            for country in countries:
                ShippingRate.objects.create(method=make_shipping(), currency="USD", country=country, amount=1)
            with CaptureQueriesContext(connection) as captured:
                admin_client.get(reverse("admin:checkouts_shippingmethod_changelist"))
            counts.append(len(captured))
        assert counts[0] == counts[1]


def test_who_may_only_look_sees_the_rates_and_changes_none(client, db):
    client.force_login(staff_with("checkouts.view_shippingmethod", "checkouts.view_shippingrate"))
    method = make_shipping()
    address = reverse("admin:checkouts_shippingmethod_change", args=[method.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
