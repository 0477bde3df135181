"""The shop's own settings; only the path table has one path more."""

from checkout_project.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
