"""EMAIL_URL as it is written in the environment, where a provider's API takes the mails."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from checkout_project import esp


def test_the_key_and_further_settings_get_the_providers_names():
    url = "anymail+mailgun://key-1%2F2?sender_domain=mg.shop.example&api_url=https://api.eu.mailgun.net/v3"
    found = esp.settings_of(url, timeout=20)
    assert found["EMAIL_BACKEND"] == "anymail.backends.mailgun.EmailBackend"
    assert found["ANYMAIL"]["MAILGUN_API_KEY"] == "key-1/2"
    assert found["ANYMAIL"]["MAILGUN_SENDER_DOMAIN"] == "mg.shop.example"
    assert found["ANYMAIL"]["MAILGUN_API_URL"] == "https://api.eu.mailgun.net/v3"
    assert found["ANYMAIL"]["REQUESTS_TIMEOUT"] == 20


def test_capitals_of_a_key_stay():
    assert (
        esp.settings_of("anymail+brevo://xkeysib-aBc.dEf", timeout=1)["ANYMAIL"]["BREVO_API_KEY"] == "xkeysib-aBc.dEf"
    )


@pytest.mark.parametrize("url", ["", "smtp://mail.example", "filemail:///tmp", "consolemail://"])
def test_other_addresses_are_not_its_business(url):
    assert esp.name_in(url) == ""


@pytest.mark.parametrize("url", ["anymail+pigeon://key", "anymail+://key", "anymail+postmark://"])
def test_what_cannot_send_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        esp.settings_of(url, timeout=20)
