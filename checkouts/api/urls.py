"""The addresses of the guest checkout API and of the intent API, which share one path."""

from django.urls import path

from checkouts.api import guest, guest_admin, intent
from common import paths  # noqa: F401 - registers <id:...>
from dialects.by_method import by_method

urlpatterns = [
    path(
        "checkout",
        by_method(
            guest.CurrentCheckout.as_view({"get": "retrieve", "delete": "destroy"}),
            intent.Checkout.as_view({"post": "create"}),
        ),
    ),
    path("checkout/items", guest.Items.as_view({"post": "create"})),
    path("checkout/items/<id:product_id>", guest.Item.as_view({"put": "update", "delete": "destroy"})),
    path("checkout/shipping-address", guest.ShippingAddress.as_view({"put": "update"})),
    path("checkout/billing-address", guest.BillingAddress.as_view({"put": "update"})),
    path("checkout/customer-details", guest.CustomerDetails.as_view({"put": "update"})),
    path("checkout/shipping-method", guest.ShippingMethod.as_view({"put": "update"})),
    path("checkout/discount", guest.Discount.as_view({"post": "create", "delete": "destroy"})),
    path("checkout/complete", guest.Complete.as_view({"post": "create"})),
    path("admin/checkouts", guest_admin.AdminCheckouts.as_view({"get": "list"})),
    path(
        "admin/checkouts/<id:checkout_id>", guest_admin.AdminCheckouts.as_view({"get": "retrieve", "delete": "destroy"})
    ),
]
