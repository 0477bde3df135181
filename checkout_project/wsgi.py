"""The web door: what granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from checkout_project.parent import end_with_parent_if_supervised

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_project.settings")
end_with_parent_if_supervised()
application = get_wsgi_application()
# A request leaves hardly any circles behind, yet by default the collector runs several times in each and walks through
# all of Django: a twentieth of the CPU of a purchase. What is loaded by now stays; the rest is looked at more rarely.
gc.freeze()
gc.set_threshold(20_000, 20, 20)
