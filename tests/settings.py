"""The product's own settings with what only tests need: fast hashing, a folder of their own."""

import os
import tempfile

os.environ.setdefault("RETENTION_DATA_DIR", tempfile.mkdtemp(prefix="retention-tests-"))

from retention.settings import *  # noqa: F403 - all of it, then the differences

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SHOP_CURRENCY = "GBP"
