"""The settings the suite runs under: the real ones, with a throw-away data directory and quick passwords."""

import os
import tempfile

os.environ["DEMO"] = "1"
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="shop-tests-"))
_UNSET = [
    "METRICS_TOKEN",
    "API_KEY",
    "SHOP_CURRENCY",
    "EMAIL_URL",
    "EMAIL_WEBHOOK_SECRET",
    "REDIRECT_HOSTS",
    "BASE_URL",
    "PORT",
    "TRUSTED_PROXIES",
]
# No test ever meets the real Stripe.
_UNSET += [f"STRIPE_{_end}" for _end in ("SECRET_KEY", "PUBLISHABLE_KEY", "WEBHOOK_SECRET", "API_BASE", "JS_URL")]
_UNSET += ["ABANDON_AFTER_SECONDS", "CART_EXPIRES_AFTER_SECONDS", "RECOVERY_AUDIENCE", "RECOVERY_HOLDOUT_PERCENT"]
_UNSET += [f"RECOVERY_{_end}" for _end in ("STEP_DELAYS_SECONDS", "MIN_GAP_SECONDS", "MAX_MAILS_PER_CART")]
_UNSET += ["DEMO_API_KEYS", "PURCHASE_DEADLINE_SECONDS", "PURCHASE_ALLOWED_HOSTS"]
_UNSET += ["API_RATE_LIMIT", "SUPABASE_JWT_SECRET", "SUPABASE_JWKS_URL"]
for _name in _UNSET:
    os.environ[_name] = ""  # not set, and .env does not set it either
for _name in ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID", "PAYPAL_API_BASE"):
    os.environ[_name] = ""  # no test ever meets the real PayPal
os.environ["RECOVERY_QUIET_HOURS"] = ""  # tests run at any hour; those of quiet hours set them

from checkout_project.settings import *  # noqa: E402, F403
from checkout_project.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
OUTBOX_KICKS_WORKER = False  # no worker listens; the tests of the kick switch it on
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: tests with threads see one database as the processes of a real shop do.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:  # no test pulls the server's plug: its commits need not wait for the disk
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
(DATA_DIR / "static").mkdir(exist_ok=True)  # whitenoise warns about a missing one, and a warning fails a test
