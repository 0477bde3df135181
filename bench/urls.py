"""The shop's own paths, behind the empty view."""

from django.urls import include, path

from bench.empty import EmptyView

urlpatterns = [
    path("bench/empty", EmptyView.as_view()),
    path("", include("checkout_project.urls")),
]
