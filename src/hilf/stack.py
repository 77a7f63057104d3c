"""The console's stack: Django with sign-in, pages and languages, set up for one home (house.md; faces.md 2).

Decides nothing about people or objects: it lists the parts and how they are set. Why each is as it is, and the traps that
were met: docs/developers/console.md.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hilf.errors import OperatorFault
from hilf.node.home import Home
from hilf.node.secret import console_secret
from hilf.settings import LANGUAGES, open_home, values_of
from hilf.store import database

PACKAGE: Final = Path(__file__).parent / "console"

APPS: Final = (
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "hilf.console",
)

MIDDLEWARE: Final = (
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads by chance, so that lengths tell nothing of what is secret in a page
    "hilf.console.policy.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hilf.console.reader.Reader",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hilf.console.access.Access",
    "hilf.console.account.enrolment.SecondFactor",
    "hilf.console.fault.Faults",
    "hilf.console.audited.Audited",
)

STEP_UP_S: Final = 300
"""How long a second factor that was shown counts for approvals, keys and accords. Source: trust.md 7."""

PROVIDER: Final = "national"
"""The identity provider's name among sign-in's own; a node has one at most."""

_LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

_WEEK_S: Final = 7 * 24 * 3600
_WORKING_DAY_S: Final = 10 * 3600


def configure_console(path: Path) -> Home:
    """Open a home with everything that its console needs; its tables are made or brought up.

    Raises:
        CallerFault, OperatorFault: as `settings.open_home` says.
    """
    from django.conf import settings  # late: it is set up here

    values = {name: value.text for name, value in values_of(path).items()}
    secret = console_secret(path / "keys")
    home = open_home(
        path, settings_for(secret, values["console_url"], values["language"], provider_of(path, values))
    )
    settings.HILF_HOME = home
    database.keep_open()
    return home


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider of the nation's own that signs people in (OpenID Connect)."""

    url: str
    name: str
    client_id: str
    secret: str = field(repr=False)


def provider_of(path: Path, values: Mapping[str, str]) -> Provider | None:
    """The identity provider that the settings name; None without one.

    Raises:
        OperatorFault: "settings.oidc-secret": its secret cannot be read.
    """
    if not values["oidc_url"]:
        return None
    file = path / (values["oidc_secret_file"] or "keys/oidc.secret")
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorFault(
            "settings.oidc-secret",
            f"{file} cannot be read: {error}.",
            "oidc_secret_file names it; a secret stands in no settings.",
            "Write the client's secret into that file, readable by this user alone.",
        ) from error
    return Provider(values["oidc_url"].rstrip("/"), values["oidc_name"], values["oidc_client_id"], secret)


def settings_for(
    secret: bytes, url: str, language: str, provider: Provider | None = None
) -> dict[str, object]:
    """Django's settings of a console.

    Args:
        secret: of the console, as `node.secret` keeps it.
        url: at which people reach it.
        language: of people who ask for none: ar, en or fr.
        provider: that may sign people in beside passwords and passkeys.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return {
        "INSTALLED_APPS": APPS,
        "MIDDLEWARE": MIDDLEWARE,
        "SECRET_KEY": base64.b64encode(hashlib.sha256(b"sessions" + secret).digest()).decode(),
        "HILF_SEAL": base64.urlsafe_b64encode(hashlib.sha256(b"factors" + secret).digest()),
        "ROOT_URLCONF": "hilf.console.urls",
        "LOGGING": _LOGGING,
        "ALLOWED_HOSTS": [parts.hostname or "localhost"],
        "CSRF_TRUSTED_ORIGINS": [f"{parts.scheme}://{parts.netloc}"],
        "APPEND_SLASH": True,
        "CSRF_FAILURE_VIEW": "hilf.console.fault.csrf",
        **_people(parts.hostname or "localhost"),
        **_cookies(secure=secure),
        **_provided(provider),
        **_pages(language),
    }


def _people(host: str) -> dict[str, object]:
    """Sign-in by django-allauth. Source of the settings: stack.md 3."""
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in (
                ("MinimumLengthValidator", {"min_length": 12}),
                ("UserAttributeSimilarityValidator", {}),
                ("CommonPasswordValidator", {}),
            )
        ],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "first",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": STEP_UP_S,
        "ACCOUNT_ADAPTER": "hilf.console.account.adapter.Accounts",
        "SOCIALACCOUNT_ADAPTER": "hilf.console.account.adapter.Providers",
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
        "SOCIALACCOUNT_ONLY": False,
        "MFA_ADAPTER": "hilf.console.account.adapter.Factors",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        "MFA_TOTP_TOLERANCE": 0,
        "HILF_RELYING_PARTY": host,
        "USERSESSIONS_TRACK_ACTIVITY": True,
        # Counts of failed sign-ins and used codes are shared by all processes.
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "console_cache"}
        },
    }


def _provided(provider: Provider | None) -> dict[str, object]:
    """Sign-in by an identity provider: only people whose subject an administrator bound, with PKCE, at that origin alone."""
    if provider is None:
        return {"SOCIALACCOUNT_PROVIDERS": {}, "HILF_PROVIDER_ORIGIN": "", "HILF_PROVIDER": ""}
    parts = urlsplit(provider.url)
    app = {
        "provider_id": PROVIDER,
        "name": provider.name,
        "client_id": provider.client_id,
        "secret": provider.secret,
        "settings": {"server_url": provider.url, "uid_field": "sub"},
    }
    return {
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}},
        # A form that is answered with a redirect elsewhere is stopped by form-action, so that place is named (stack.md 3).
        "HILF_PROVIDER_ORIGIN": f"{parts.scheme}://{parts.netloc}",
        "HILF_PROVIDER": provider.name,
    }


def _cookies(*, secure: bool) -> dict[str, object]:
    return {
        "SESSION_COOKIE_NAME": "hilf_session",
        "SESSION_COOKIE_AGE": _WORKING_DAY_S,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "LANGUAGE_COOKIE_SAMESITE": "Strict",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": _WEEK_S if secure else 0,
        "X_FRAME_OPTIONS": "DENY",
    }


def _pages(language: str) -> dict[str, object]:
    return {
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [PACKAGE / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "hilf.console.context.page",
                    ],
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                    "builtins": [
                        "django.templatetags.i18n",
                        "django.templatetags.static",
                        "hilf.console.tags",
                        "hilf.console.spoken",
                        "hilf.console.intelligence.tags",
                    ],
                },
            }
        ],
        "LANGUAGE_CODE": language,
        "LANGUAGES": [
            (code, name)
            for code, name in (("ar", "العربية"), ("en", "English"), ("fr", "Français"))
            if code in LANGUAGES
        ],
        "LOCALE_PATHS": [PACKAGE / "locale"],
        "FORMAT_MODULE_PATH": ["hilf.console.formats"],
        "USE_I18N": True,
        "STATIC_URL": "/static/",
        "STATIC_ROOT": PACKAGE / "served",
        "STATICFILES_DIRS": [PACKAGE / "vendor"],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        },
        "WHITENOISE_MAX_AGE": _WEEK_S,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 8 * 2**20,
    }
