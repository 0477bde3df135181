"""Signing in to the dashboard with a second step, and the pages where it is switched on and off."""

from __future__ import annotations

import re
import uuid

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.test import APIClient

from accounts import second_step
from accounts.models import User
from accounts.sign_in_form import CODE_NEEDED, CODE_WRONG
from tests.accounts.codes import HALF_A_MINUTE, NOON, code_now, switched_on
from tests.admin_rows import staff_with
from tests.dashboard.pressed import address_of, has_button, noted, page, press

LOGIN, OWN, HOME = "/admin/login/", "/admin/accounts/user/own-second-step/", "/admin/"
CODES = re.compile(r'class="recovery-code[^"]*">([A-Z2-7-]+)<')
ADMIN_API, TOKEN, REFRESH = "/api/admin/orders", "/api/auth/token", "/api/auth/token/refresh"


def sign_in(client, code: str = "", password: str = "right"):
    return client.post(LOGIN, {"username": "ada", "password": password, "code": code})


def is_in(client) -> bool:
    return client.get(HOME).status_code == 200


def do(client, verb: str, code: str = "") -> str:
    return client.post(OWN, {"do": verb, "code": code}, follow=True).content.decode()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as at:
        yield at


@pytest.fixture
def ada(db, clock) -> User:
    return User.objects.create_user("ada", password="right", is_staff=True)


@pytest.fixture
def on(ada, clock) -> User:
    """Ada with the second step, half a minute later."""
    switched_on(ada)
    clock.shift(HALF_A_MINUTE)
    return ada


class TestSigningIn:
    def test_without_a_second_step_nothing_has_changed(self, client, ada):
        sign_in(client)
        assert is_in(client)

    def test_with_its_code_one_is_in(self, client, on):
        assert sign_in(client, code_now(on)).status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize(("code", "said"), [("", CODE_NEEDED), ("000000", CODE_WRONG), ("odd", CODE_WRONG)])
    def test_without_it_one_sees_nothing(self, client, on, code, said):
        assert said in sign_in(client, code).content.decode()
        assert not is_in(client)
        assert client.get(OWN).status_code == 302

    def test_a_code_is_refused_the_second_time(self, client, on):
        code = code_now(on)
        sign_in(client, code)
        other = Client()
        assert CODE_WRONG in sign_in(other, code).content.decode()
        assert not is_in(other)

    def test_a_recovery_code_is_as_good_once(self, client, on):
        (code, *_) = second_step.renew_codes(on)
        sign_in(client, code)
        assert is_in(client)
        assert CODE_WRONG in sign_in(Client(), code).content.decode()

    def test_a_code_does_not_help_a_wrong_password(self, client, on):
        code = code_now(on)
        assert "Please enter the correct" in sign_in(client, code, "wrong").content.decode()
        assert sign_in(client, code).status_code == 302  # and was not spent by it

    def test_wrong_codes_count_as_failed_sign_ins(self, client, on, settings):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            sign_in(client, "000000")
        assert sign_in(client, code_now(on)).status_code == 429

    def test_a_session_from_before_is_over_in_other_browsers(self, client, ada, clock):
        other = Client()
        sign_in(other)
        sign_in(client)
        do(client, "begin")
        do(client, "confirm", code_now(ada))
        assert (is_in(client), is_in(other)) == (True, False)
        assert other.get(ADMIN_API).status_code == 401

    def test_a_session_that_only_a_password_stands_behind_opens_no_api(self, client, on):
        client.force_login(on)
        assert client.get(ADMIN_API).status_code == 401
        assert not is_in(client)

    def test_the_device_of_somebody_else_does_not_help(self, client, on):
        bea = User.objects.create_user("bea")
        switched_on(bea)
        client.force_login(on)
        session = client.session
        session["otp_device_id"] = TOTPDevice.objects.get(user=bea).persistent_id
        session.save()
        assert not is_in(client)


class TestOnesOwnPage:
    @pytest.fixture
    def signed_in(self, client, ada) -> User:
        client.force_login(ada)
        return ada

    def test_shows_the_secret_as_a_picture_within_the_page(self, client, signed_in):
        html = do(client, "begin")
        assert "<svg" in html
        assert "otpauth" not in html
        assert 'id="secret"' in html

    def test_a_look_at_it_writes_nothing(self, client, signed_in):
        assert client.get(OWN).status_code == 200
        assert not TOTPDevice.objects.exists()

    def test_is_switched_on_by_a_code_and_shows_recovery_codes_once(self, client, signed_in):
        do(client, "begin")
        answer = client.post(OWN, {"do": "confirm", "code": code_now(signed_in)})
        assert len(CODES.findall(answer.content.decode())) == second_step.RECOVERY_CODES
        assert "no-store" in answer["Cache-Control"]
        again = client.get(OWN).content.decode()
        assert CODES.findall(again) == []
        assert f"{second_step.RECOVERY_CODES} recovery codes are left" in again
        assert noted() == ["Switched on the second step."]

    def test_pressed_twice_it_is_on_once(self, client, signed_in, clock):
        do(client, "begin")
        code = code_now(signed_in)
        do(client, "confirm", code)
        assert "nothing has changed" in do(client, "confirm", code)
        assert len(noted()) == 1

    @pytest.mark.parametrize("code", ["", "000000", "x" * 99])
    def test_a_wrong_code_is_said_and_the_picture_stays(self, client, signed_in, code):
        do(client, "begin")
        html = do(client, "confirm", code)
        assert CODE_WRONG in html
        assert "<svg" in html
        assert noted() == []

    def test_goes_off_by_a_code_only(self, client, on):
        sign_in(client, code_now(on))
        assert CODE_WRONG in do(client, "off")
        assert TOTPDevice.objects.exists()
        (code, *_) = second_step.renew_codes(on)
        assert "The second step is off" in do(client, "off", code)
        assert noted() == ["Switched off the second step."]
        assert is_in(client)

    def test_new_recovery_codes_are_made_by_a_code_only(self, client, on):
        sign_in(client, code_now(on))
        assert CODES.findall(do(client, "codes", "000000")) == []
        (code, *_) = second_step.renew_codes(on)
        assert len(CODES.findall(do(client, "codes", code))) == second_step.RECOVERY_CODES
        assert noted() == ["Made new recovery codes."]

    def test_is_for_all_staff_and_nobody_else(self, client, db):
        client.force_login(User.objects.create(username="staff", is_staff=True))
        assert client.get(OWN).status_code == 200
        client.force_login(User.objects.create(username="customer"))
        assert client.get(OWN)["Location"].startswith(LOGIN)

    def test_an_odd_wish_is_the_page(self, client, signed_in):
        assert client.post(OWN, {"do": "odd"}).status_code == 200
        assert client.put(OWN).status_code == 405

    def test_secrets_are_on_no_page_of_the_admin(self, admin_client):
        assert admin_client.get("/admin/otp_totp/totpdevice/").status_code == 404


class TestOfAColleague:
    def test_is_switched_off_by_who_may(self, client, on, member):
        client.force_login(member("owner"))
        assert press(client, on, "reset_second_step").status_code == 302
        assert "nothing has changed" in self.after(client, on)
        assert noted() == ["Second step switched off. Before: on. After: off."]
        sign_in(other := Client())
        assert is_in(other)

    def after(self, client, user) -> str:
        press(client, user, "reset_second_step")
        return page(client, user)

    def test_is_not_by_others(self, client, on):
        client.force_login(staff_with("accounts.view_user", "accounts.change_user"))
        assert not has_button(page(client, on), on, "reset_second_step")
        assert press(client, on, "reset_second_step").status_code == 403
        assert TOTPDevice.objects.exists()

    def test_nor_of_somebody_with_more_powers(self, client, on, member):
        User.objects.filter(pk=on.pk).update(is_superuser=True)
        client.force_login(member("owner"))
        assert press(client, on, "reset_second_step").status_code == 403
        assert TOTPDevice.objects.exists()

    def test_nor_ones_own(self, client, on):
        User.objects.filter(pk=on.pk).update(is_superuser=True)
        sign_in(client, code_now(on))
        assert press(client, on, "reset_second_step").status_code == 403

    def test_nor_of_nobody(self, admin_client, on):
        address = address_of(on, "reset_second_step").replace(f"/{on.pk}/", "/999/")
        data = {"_form_submitted": "1", "request_key": str(uuid.uuid4())}
        assert admin_client.post(address, data).status_code == 404

    def test_saving_their_page_leaves_it_as_it_is(self, admin_client, on):
        from tests.admin_forms import errors_of, filled_in

        address = reverse("admin:accounts_user_change", args=[on.pk])
        assert errors_of(admin_client.post(address, filled_in(admin_client, address, first_name="A"))) == ""
        on.refresh_from_db()
        assert (on.has_second_step, on.first_name) == (True, "A")


class TestTokens:
    """A name and a password alone open no API either."""

    @pytest.fixture
    def api(self) -> APIClient:
        return APIClient()

    def ask(self, api, **more: str):
        return api.post(TOKEN, {"username": "ada", "password": "right", **more}, format="json")

    def test_need_the_code(self, api, on):
        assert self.ask(api).json()["error"] == "This account has a second step: send its code, too."
        assert self.ask(api, code="000000").status_code == 401

    def test_are_given_for_it_once(self, api, on):
        code = code_now(on)
        tokens = self.ask(api, code=code).json()
        assert self.ask(api, code=code).status_code == 401
        assert api.post(REFRESH, {"refresh": tokens["refresh"]}, format="json").status_code == 200
        header = {"Authorization": f"Bearer {tokens['access']}"}
        assert api.get(ADMIN_API, headers=header).status_code == 403  # signed in; no permission

    def test_of_before_it_was_switched_on_are_refused(self, api, ada):
        tokens = self.ask(api).json()
        switched_on(ada)
        assert api.post(REFRESH, {"refresh": tokens["refresh"]}, format="json").status_code == 401
        assert api.get(ADMIN_API, headers={"Authorization": f"Bearer {tokens['access']}"}).status_code == 401

    def test_wrong_codes_count_as_failed_sign_ins(self, api, on, settings):
        assert {self.ask(api, code="000000").status_code for _ in range(settings.AXES_FAILURE_LIMIT)} == {401}
        assert self.ask(api, code=code_now(on)).status_code == 429
        assert LogEntry.objects.count() == 0
