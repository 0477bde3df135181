"""The addresses of the guest checkout API and of the intent API, which share one path; and the tracker API's payment
links, which ask for what a checkout says of a cart."""

from django.urls import path

from checkouts.api import guest, guest_admin, intent
from checkouts.linked_carts import draft_of
from common import paths  # noqa: F401 - registers <id:...>
from dialects.by_method import by_method
from payments.api.tracker import PaymentLinks

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
    path("carts/<str:cart_id>/payment-link", PaymentLinks.as_view({"post": "create"}, draft_of=draft_of)),
]
