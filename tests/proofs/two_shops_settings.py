"""The real settings, with static files as they lie: collecting and packing them takes longer than all of the proof."""

from checkout_project.settings import *  # noqa: F403
from checkout_project.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
