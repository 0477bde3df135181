"""Which page each record has. The apps below know their own rows; acts and timelines that cross apps are up here."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import User
from carts.models import Cart
from catalog.models import Discount, Product, Variant
from checkouts.models import Checkout
from dashboard.catalog_pages import ProductPage, VariantPage
from dashboard.discount_page import DiscountPage
from dashboard.order_page import OrderPage
from dashboard.other_pages import CartPage, CheckoutPage, LinkPage, PaymentPage
from dashboard.second_step_pages import UserPage
from dashboard.system_pages import GatewayEventPage, JobsPage, OutboxEventPage
from orders.models import Order
from outbox.models import JobRun, OutboxEvent
from payments.models import GatewayEvent, Payment, PaymentLink

admin.site.register(User, UserPage)
admin.site.register(Cart, CartPage)
admin.site.register(Checkout, CheckoutPage)
admin.site.register(Order, OrderPage)
admin.site.register(Payment, PaymentPage)
admin.site.register(PaymentLink, LinkPage)
admin.site.register(GatewayEvent, GatewayEventPage)
admin.site.register(OutboxEvent, OutboxEventPage)
admin.site.register(JobRun, JobsPage)
admin.site.register(Product, ProductPage)
admin.site.register(Variant, VariantPage)
admin.site.register(Discount, DiscountPage)
