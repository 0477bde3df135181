"""The whole path table on one screen."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from checkout_project import errors
from checkouts.api.discovery import Discovery
from common import health, metrics
from dialects.purchase import UnknownPath as PurchaseUnknownPath
from dialects.schema_views import DocsView, SchemaView
from dialects.tokens import RefreshView, TokenView
from dialects.tracker import UnknownPath

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path(".well-known/checkout", Discovery.as_view()),
    path("api/", include("checkouts.api.urls")),
    path("api/", include("payments.api.urls")),
    path("api/", include("carts.api.urls")),
    path("api/", include("analytics.api.urls")),
    path("api/", include("recovery.api.urls")),
    path("api/auth/token", TokenView.as_view()),
    path("api/auth/token/refresh", RefreshView.as_view()),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", DocsView.as_view()),
    re_path(r"^api/(?:carts|analytics)(?:/[\s\S]*)?$", UnknownPath.answer()),  # after what the tracker API has there
    re_path(r"^api(?:/.*)?$", errors.unknown_api_path),  # after everything under /api
    path("v0/", include("purchases.api.urls")),
    re_path(r"^v0(?:/[\s\S]*)?$", PurchaseUnknownPath.answer()),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),  # people leave the slash out
    path("admin/", admin.site.urls),
    path("", include("payments.pages.urls")),
    path("", include("recovery.pages.urls")),
    path("", include("checkouts.pages.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
