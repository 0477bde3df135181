"""Who may be paid with, in the demo and in a real shop."""

import pytest
from django.test import override_settings

from common.errors import DomainError, ErrorCode
from payments.gateways import registry

NO_KEYS = {"STRIPE_SECRET_KEY": "", "PAYPAL_CLIENT_ID": "", "PAYPAL_CLIENT_SECRET": ""}


@override_settings(DEMO=True, **NO_KEYS)
def test_the_demo_offers_all_and_plays_them_itself():
    assert registry.providers_on_offer() == ("stripe", "mobilepay", "paypal", "test")
    assert {registry.gateway_name_for(provider) for provider in registry.providers_on_offer()} == {"test"}


@override_settings(DEMO=False, **NO_KEYS)
@pytest.mark.parametrize("provider", ["stripe", "mobilepay", "paypal", "test"])
def test_a_real_shop_without_keys_never_simulates_a_payment(provider):
    assert registry.providers_on_offer() == ()
    with pytest.raises(DomainError) as refusal:
        registry.gateway_name_for(provider)
    assert refusal.value.code is ErrorCode.PAYMENT_PROVIDER_UNKNOWN


@override_settings(DEMO=False, **NO_KEYS | {"STRIPE_SECRET_KEY": "sk_test_x"})
def test_a_real_shop_offers_what_its_keys_are_for():
    assert registry.providers_on_offer() == ("stripe", "mobilepay")
    assert registry.gateway_name_for("mobilepay") == "stripe"
