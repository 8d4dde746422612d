"""One settings file, read from the environment. Nothing set: SQLite and no servers.

Every variable is in docs/operators/configuration.md; `manage.py check` says what is wrong.
"""

from typing import Any

import django_stubs_ext

from .env import DATA_DIR, PROJECT_DIR, env, kept_secret, time_of_day, time_zone

django_stubs_ext.monkeypatch()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = kept_secret("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_HTTPS = env.bool("PUBLIC_HTTPS", default=False)
"""True where a proxy serves us over HTTPS: cookies, redirects and HSTS follow."""
LOCAL_URL = env.str("LOCAL_URL", default="http://127.0.0.1:8000")
"""Where this machine reaches us; `demo` and `start` say it by their port."""
PUBLIC_URL = env.str("PUBLIC_URL", default="")
"""Where customers reach us, for the links in messages: https://retention.example.com."""

INSTALLED_APPS = [
    "retention.site.RetentionAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "retention",
    "retention.present",
    "retention.jobs",
    "retention.access",
    "catalog",
    "customers",
    "retention.insights",
    "campaigns",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "retention.security.ContentSecurityPolicyMiddleware",
    "retention.access.ratelimit.RateLimitMiddleware",
    "retention.security.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "retention.security.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "retention.access.api.parameters.KnownParametersMiddleware",
]
ROOT_URLCONF = "retention.urls"
WSGI_APPLICATION = "retention.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# The database. SQLite as measured: writers queue for 30 s instead of failing, a commit is on the
# disk before it is answered, and 32 MB of log are gathered before they are worked into the file.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000;"
    ),
}
POSTGRES_OPTIONS = {
    "options": "-c statement_timeout=300000 -c lock_timeout=30000"
    " -c idle_in_transaction_session_timeout=120000"
}
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/shop.sqlite3")}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DATABASES["default"].setdefault("OPTIONS", {}).update(
    SQLITE_OPTIONS if IS_SQLITE else POSTGRES_OPTIONS
)
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Work. Without Redis each worker sweeps the database and sends itself messages in memory.
REDIS_URL = env.str("REDIS_URL", default="")
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=120)
JOB_SWEEP_SECONDS = env.float("JOB_SWEEP_SECONDS", default=2.0)

# What is counted for a minute: how often each API key asked. Never waited for, never trusted.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
REDIS_CACHE = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "KEY_PREFIX": "retention",
    "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2, "retry": None},
}
if REDIS_URL:
    CACHES["default"] = REDIS_CACHE

# Learning.
ARTIFACT_DIR = DATA_DIR / "models"
UPLOAD_DIR = DATA_DIR / "uploads"

# The shop.
SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="GBP")
TIME_ZONE = time_zone("SHOP_TIME_ZONE", default="Europe/London")
"""The shop's clock: what is shown and typed is by it. The database and the API keep UTC."""
CHURN_HORIZON_DAYS = env.int("CHURN_HORIZON_DAYS", default=60)
"""Churn, where the operator defines it no other way: no order within so many days."""
CLV_DISCOUNT = env.float("CLV_DISCOUNT", default=0.0)
"""Yearly rate at which forecasts of value discount: at 0.1, 110 of next year count as 100."""
APPROVAL_LIMIT = env.int("APPROVAL_LIMIT", default=100_000)
"""Minor units: a campaign that may cost more needs a second person."""
FAIRNESS_ATTRIBUTES = env.list("FAIRNESS_ATTRIBUTES", default=["locale"])
GLOBAL_HOLDOUT_SHARE = env.float("GLOBAL_HOLDOUT_SHARE", default=0.05)
CONSENT_ASSUMED = env.list("CONSENT_ASSUMED", default=["ANALYTICS", "RECOMMENDATION"])
"""Purposes that need no yes, only no objection. Marketing is asked for unless it is put here."""
MESSAGE_CAP = env.int("MESSAGE_CAP", default=2)
MESSAGE_CAP_DAYS = env.int("MESSAGE_CAP_DAYS", default=30)
"""At most so many messages to a customer in so many days, over all campaigns; 0 for no limit."""
QUIET_FROM = time_of_day("QUIET_FROM", default="21:00")
QUIET_UNTIL = time_of_day("QUIET_UNTIL", default="08:00")
"""No message between the two on a customer's own clock; the same twice: at any hour."""
ERASURE_KEY = kept_secret("ERASURE_KEY")
"""Keys the fingerprints of erased customers' ids. Lost, late events would bring them back."""
USE_TZ = True
LANGUAGE_CODE = "en-gb"
USE_I18N = True
FORMAT_MODULE_PATH = "retention.present.formats"

# What carries messages. No mail server: files, for a look. See docs/operators/sending.md.
SHOP_NAME = env.str("SHOP_NAME", default="our shop")
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", default=""))
MAIL_FILES = DATA_DIR / "mail"
EMAIL_BACKEND = "campaigns.channels.files.FileBackend"
if MAIL_IS_SET_UP:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="offers@localhost")
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
WEBHOOK_URL = env.str("WEBHOOK_URL", default="")
WEBHOOK_SECRET = kept_secret("WEBHOOK_SECRET")

# Signing in.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = PUBLIC_HTTPS
# A probe from inside speaks plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Files.
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [PROJECT_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": UPLOAD_DIR},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# The API: strict JSON in, JSON out, keys with scopes, cursors, problem+json.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "retention.access.api.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["retention.access.api.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["retention.access.api.KeyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["retention.access.api.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["retention.access.api.renderers.UtcJSONRenderer"],
    "DATETIME_FORMAT": None,  # The renderer writes moments.
    "DEFAULT_PAGINATION_CLASS": "retention.access.api.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["retention.access.api.filters.SaidFilters"],
    "DEFAULT_SCHEMA_CLASS": "retention.access.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "retention.access.api.problem_json",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_RATE_PER_MINUTE = env.int("API_RATE_PER_MINUTE", default=6000)
"""Requests a key may make in a minute; 0 for as many as it likes."""
SPECTACULAR_SETTINGS = {
    "TITLE": "Retention",
    "DESCRIPTION": "Products, customers and events in; scores, recommendations and coupons out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "ENUM_NAME_OVERRIDES": {
        "ModelKind": "retention.insights.models.Kind",
        "ChurnBand": "retention.insights.models.Band",
        "SegmentKind": "retention.insights.models.Segment.Kind",
        "AssociationKind": "retention.insights.models.AssociationRule.Kind",
        "ModelState": "retention.insights.models.ModelVersion.State",
        "BeliefBasis": "campaigns.api.foreseen.BASES",
        "TrainingState": "retention.insights.models.TrainingRun.State",
    },
}

# Logs: one line each, about nobody.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"routed": {"()": "retention.logs.Routed"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # Those of Django's that name the address of a request.
        "django.request": {"filters": ["routed"]},
        "django.security.csrf": {"filters": ["routed"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
