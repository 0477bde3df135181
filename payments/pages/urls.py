"""The page of the `test` gateway."""

from django.urls import path

from payments.pages import test_gateway

urlpatterns = [path("test-gateway/<slug:reference>", test_gateway.approve, name="test_gateway")]
