"""All settings, read top to bottom. What comes from the environment goes through `env`, so that a
wrong value stops the start. Names and defaults of the variables: `.env.example`."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from checkout_project import admin_theme, env, esp
from common import languages

ROOT = env.ROOT

# --- where it listens and keeps its state -------------------------------------------------------
PORT = env.whole_number("PORT", 8000, minimum=1, maximum=65535)
DATA_DIR = (ROOT / env.text("DATA_DIR", "var")).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # orders and mails are nobody else's
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname or _base.path or _base.query:
    raise ImproperlyConfigured(f"BASE_URL must be an http(s) address without a path, not {BASE_URL!r}.")
BASE_URL_IS_HTTPS = _base.scheme == "https"

# --- demo or production -------------------------------------------------------------------------
DEMO = env.flag("DEMO")
DEBUG = env.flag("DEBUG")
if DEBUG and not DEMO:
    raise ImproperlyConfigured("DEBUG=1 shows secrets to anyone: it is allowed with DEMO=1 only.")


def _demo_secret_key() -> str:
    """Made once and kept beside the demo's data, so that a restart keeps sessions and links."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        fresh = path.with_name(f"secret_key.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and the first one wins
        fresh.unlink()
    return path.read_text()


SECRET_KEY = env.text("SECRET_KEY") or (_demo_secret_key() if DEMO else "")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must be set to at least 32 random characters (or DEMO=1).")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    if not DEMO:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts this shop answers to (or DEMO=1).")
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", _base.hostname]
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
METRICS_TOKEN = env.text("METRICS_TOKEN")
DEMO_PASSWORD = env.text("DEMO_PASSWORD")

# --- the shop -----------------------------------------------------------------------------------
SHOP_NAME = env.text("SHOP_NAME", "Demo Shop")
SHOP_CURRENCY = env.currency("SHOP_CURRENCY", "USD")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "shop@localhost")
CHECKOUT_EXPIRES_AFTER_SECONDS = env.whole_number("CHECKOUT_EXPIRES_AFTER_SECONDS", 3600, minimum=1)
UNPAID_ORDER_EXPIRES_AFTER_SECONDS = env.whole_number("UNPAID_ORDER_EXPIRES_AFTER_SECONDS", 3600, minimum=1)
ABANDON_AFTER_SECONDS = env.whole_number("ABANDON_AFTER_SECONDS", 1800, minimum=1)
CART_EXPIRES_AFTER_SECONDS = env.whole_number("CART_EXPIRES_AFTER_SECONDS", 2_592_000, minimum=1)
PAYMENT_LINK_EXPIRES_AFTER_SECONDS = env.whole_number("PAYMENT_LINK_EXPIRES_AFTER_SECONDS", 604_800, minimum=1)
REDIRECT_HOSTS = env.words("REDIRECT_HOSTS")
RECONCILE_DELAYS_SECONDS = env.whole_numbers("RECONCILE_DELAYS_SECONDS", "5,30,60,300,900,3600,21600,86400")
DECLINE_LIMIT = env.rate("DECLINE_LIMIT", "20/hour")
PERSONAL_DATA_RETENTION_DAYS = env.whole_number("PERSONAL_DATA_RETENTION_DAYS", 365, minimum=1, maximum=36_500)
SWEEP_INTERVAL_SECONDS = env.whole_number("SWEEP_INTERVAL_SECONDS", 60, minimum=1)

# --- recovery mails --------------------------------------------------------------------------------
RECOVERY_AUDIENCE = env.one_of("RECOVERY_AUDIENCE", "all" if DEMO else "off", ("all", "customers", "consent", "off"))
RECOVERY_STEP_DELAYS_SECONDS = env.growing("RECOVERY_STEP_DELAYS_SECONDS", "3600,86400,259200")
RECOVERY_MIN_GAP_SECONDS = env.whole_number("RECOVERY_MIN_GAP_SECONDS", 72_000)
RECOVERY_MAX_MAILS_PER_CART = env.whole_number("RECOVERY_MAX_MAILS_PER_CART", 6, minimum=1)
RECOVERY_MAX_MAILS_PER_PERSON = env.whole_number("RECOVERY_MAX_MAILS_PER_PERSON", 10, minimum=1)  # in 30 days
RECOVERY_HOLDOUT_PERCENT = env.whole_number("RECOVERY_HOLDOUT_PERCENT", 0, maximum=100)
RECOVERY_QUIET_HOURS = env.hours("RECOVERY_QUIET_HOURS", "21-8")

# --- the tracker API: its one key from the environment, and how often an address may call ---------------
API_KEY = env.text("API_KEY")
API_RATE_LIMIT = env.rate("API_RATE_LIMIT", "100/min")

# --- the intent API's buyers: without either, none of their tokens is good -----------------------------
SUPABASE_JWT_SECRET = env.text("SUPABASE_JWT_SECRET")
SUPABASE_JWKS_URL = env.text("SUPABASE_JWKS_URL")
if SUPABASE_JWKS_URL and urlsplit(SUPABASE_JWKS_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured(f"SUPABASE_JWKS_URL must be an http(s) address, not {SUPABASE_JWKS_URL!r}.")

# --- agents buy by address: the purchase API ---------------------------------------------------------
PURCHASE_DEADLINE_SECONDS = env.whole_number("PURCHASE_DEADLINE_SECONDS", 300, minimum=1)
PURCHASE_ALLOWED_HOSTS = env.words("PURCHASE_ALLOWED_HOSTS")
DEMO_API_KEYS = env.words("DEMO_API_KEYS")

# --- payment gateways: one is real when its keys are set ------------------------------------------
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_PUBLISHABLE_KEY = env.text("STRIPE_PUBLISHABLE_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env.text("STRIPE_API_BASE")
STRIPE_JS_URL = env.text("STRIPE_JS_URL", "https://js.stripe.com/v3/")

STRIPE_TIMEOUT = (3.05, 20.0)  # seconds to connect, seconds of silence
FIRST_LOOK_AFTER_SECONDS = 180  # longer than any gateway call: nobody asks about a call still under way

# --- PayPal: without its keys `test` plays it --------------------------------------------------------
PAYPAL_CLIENT_ID = env.text("PAYPAL_CLIENT_ID")
PAYPAL_CLIENT_SECRET = env.text("PAYPAL_CLIENT_SECRET")
PAYPAL_WEBHOOK_ID = env.text("PAYPAL_WEBHOOK_ID")
PAYPAL_API_BASE = env.text("PAYPAL_API_BASE", "https://api-m.sandbox.paypal.com").rstrip("/")
PAYPAL_TIMEOUT = (3.05, 20.0)  # seconds to connect, seconds of silence

# --- apps: upper ones import lower ones, never the other way (checked by import-linter) ---------
INSTALLED_APPS = [
    "checkout_project",
    "demo",
    "dashboard",
    "analytics",
    "purchases",
    "recovery",
    "checkouts",
    "payments",
    "orders",
    "carts",
    "catalog",
    "dialects",
    "prepaid",
    "outbox",
    "accounts",
    "common",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.requests_counted.CountRequests",
    "csp.middleware.CSPMiddleware",
    "checkout_project.spoken.SpeakTheirLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.second_step_sessions.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "checkout_project.urls"
WSGI_APPLICATION = "checkout_project.wsgi.application"
APPEND_SLASH = False  # an API never redirects to add a slash
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# --- database and queue: both embedded, or both servers -----------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
if bool(DATABASE_URL) != bool(REDIS_URL):
    missing = "REDIS_URL" if DATABASE_URL else "DATABASE_URL"
    raise ImproperlyConfigured(
        f"{missing} is not set: set DATABASE_URL and REDIS_URL both (PostgreSQL and Redis) or neither (embedded)."
    )
if DATABASE_URL:
    _database = environ.Env.db_url_config(DATABASE_URL)
    if "postgresql" not in _database["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres://.")
    _database |= {
        "ENGINE": "common.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A lock not had within 3 s is a clear "busy", never a hanging checkout.
        "OPTIONS": _database.get("OPTIONS", {})  # sslmode and the like, from the address
        | {
            "options": "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=60000",
            # A statement that comes again is planned once: a third less CPU here and at the server.
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }
else:
    _database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # IMMEDIATE takes the write lock when a transaction begins: no lost updates, no mid-way "locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-16000;",
        },
    }
DATABASES = {"default": _database}

# --- background work ----------------------------------------------------------------------------
OUTBOX_HANDLERS = "checkout_project.handlers.HANDLERS"
OUTBOX_KICKS_WORKER = bool(REDIS_URL)  # embedded, the worker shares nothing but the database: it looks by itself
OUTBOX_LEASE_SECONDS = 180  # longer than any handler: gateways and mail servers are given 20 s
OUTBOX_MAX_ATTEMPTS = 20  # with the growing delays: about nine hours
HANDOVER_LEASE_SECONDS = 180  # longer than any mail is being handed over: after that nobody knows what became of it
JOB_LEASE_SECONDS = 300  # after a kill -9 a scheduled job's next run waits this long at most
IDEMPOTENCY_LEASE_SECONDS = 60  # after a kill -9 a request's key may be used again
SCHEDULED_JOBS = "checkout_project.schedule.JOBS"
METRICS = {"outbox": "outbox.gauges.read", "payments": "payments.gauges.read"}
READINESS_CHECKS = {
    "database": "common.health.database",
    "queue": "outbox.health.queue",
    "jobs": "outbox.health.jobs",
}

# --- time, language -----------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = env.time_zone("SHOP_TIME_ZONE", "UTC")
LANGUAGE_CODE = env.text("SHOP_LANGUAGE", "en")
LANGUAGES = [(code, languages.NAMES[code]) for code in env.some_of("SHOP_LANGUAGES", tuple(languages.NAMES))]
if LANGUAGE_CODE.partition("-")[0].lower() not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"SHOP_LANGUAGE must be one of {', '.join(dict(LANGUAGES))}, not {LANGUAGE_CODE!r}.")
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "checkout_project.formats"
LANGUAGE_COOKIE_NAME = "language"  # set where a shopper has chosen one, and nowhere else
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = BASE_URL_IS_HTTPS

# --- static files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- security -----------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL_IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# The proxy that ends TLS redirects to it (W008); subdomains and preload lists are the domain owner's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_HSTS_SECONDS = 31_536_000 if BASE_URL_IS_HTTPS else 0
if BASE_URL_IS_HTTPS and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/api/docs"),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],  # redirects after a form too: checkouts.pages.leave leads off this site
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- mail ---------------------------------------------------------------------------------------
_mail_dir = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20  # a mail server that says nothing must not hold the worker
EMAIL_URL = env.text("EMAIL_URL", f"filemail://{_mail_dir}")
EMAIL_ESP = esp.name_in(EMAIL_URL)
vars().update(
    esp.settings_of(EMAIL_URL, timeout=EMAIL_TIMEOUT) if EMAIL_ESP else environ.Env.email_url_config(EMAIL_URL)
)
EMAIL_WEBHOOK_SECRET = env.text("EMAIL_WEBHOOK_SECRET")  # name:password
if EMAIL_WEBHOOK_SECRET and (":" not in EMAIL_WEBHOOK_SECRET or len(EMAIL_WEBHOOK_SECRET) < 24):
    raise ImproperlyConfigured("EMAIL_WEBHOOK_SECRET must be name:password, at least 24 characters together.")
if EMAIL_URL.startswith("filemail:"):
    # django-environ drops the leading slash of an absolute path: put it back.
    EMAIL_FILE_PATH = str(Path("/") / urlsplit(EMAIL_URL).path.lstrip("/"))

# --- logging: to standard error, one line an event ----------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "common.logs.Lines", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},  # anybody can send any Host: it is 400
        "paypalrestsdk": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}

# --- outside APIs: how they speak is in `dialects`; these are the defaults for what is left ------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["dialects.parser.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["dialects.rendering.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "dialects.schema.DialectSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "AUDIENCE": "admin",
    # Tokens carry a mark of the password they were issued under: a changed password ends them.
    "CHECK_REVOKE_TOKEN": True,
}
# Only failed sign-ins are counted, by name and address together: one person cannot lock out another.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_CLIENT_IP_CALLABLE = "common.client.address_of"
AXES_HANDLER = "accounts.failed_sign_ins.Handler"
AXES_USERNAME_CALLABLE = "accounts.failed_sign_ins.name_of"
AXES_LOCKOUT_CALLABLE = "dialects.tokens.locked_out"
AXES_VERBOSE = False
OTP_TOTP_ISSUER = SHOP_NAME
SPECTACULAR_SETTINGS = {
    "TITLE": "Cartwright",
    "DESCRIPTION": (
        "A self-hosted checkout: carts, checkouts, orders and payments.\n\n"
        "Everything under `/api` speaks JSON, whatever `Accept` says, and never redirects. A method that a path does "
        "not have is 405 with `Allow`; an unknown path is 404."
    ),
    "VERSION": "0.1.0",
    "SERVERS": [{"url": BASE_URL}],
    "TAGS": [
        {"name": "guest", "description": "A guest buys: a cookie, a checkout, an order. Nobody signs in."},
        {"name": "guest admin", "description": "Staff look after checkouts, by access token or admin session."},
        {"name": "intent", "description": "A signed-in buyer's whole cart in one call, confirmed by Stripe.js."},
        {"name": "cart2table", "description": "A cart, its order, and the PayPal captures that pay it, part by part."},
        {"name": "tracker", "description": "Carts that were abandoned, here and in other stores; by `x-api-key`."},
        {"name": "purchase", "description": "Agents buy by address, from a prepaid balance; by API key."},
        {"name": "orders", "description": "One order for its buyer and for staff; the staff's list and refunds."},
        {"name": "webhooks", "description": "Where gateways tell us things. An event is a hint: the gateway is asked."},
        {"name": "discovery", "description": "What this shop is, for other shops of this software that buy here."},
        {"name": "sign-in", "description": "A name and a password for tokens. Only failures are limited."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # what a PATCH must say is required in the document, too
    "PREPROCESSING_HOOKS": ["dialects.by_method.split_endpoints"],
    "POSTPROCESSING_HOOKS": [],  # enumerations stay where they are used: as components they get numbers for names
    # Swagger UI from our own static files: the page asks no other host for anything.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- the merchant's pages -----------------------------------------------------------------------
UNFOLD = admin_theme.theme(SHOP_NAME)
AXES_ENABLE_ADMIN = False  # failed sign-ins are shown by accounts.admin, in the admin's own looks
