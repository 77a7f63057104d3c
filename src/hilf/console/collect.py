"""Give every file that the console serves a name with its fingerprint, once, when it is built: python -m hilf.console.collect."""

from importlib.resources import files
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from hilf.stack import PACKAGE


def main() -> None:
    """Fill the folder that is served."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", "hilf.console"],
        STATIC_URL="/static/",
        STATIC_ROOT=PACKAGE / "served",
        # The scripts of passkeys are allauth's; its apps need a database, which there is none of while building.
        STATICFILES_DIRS=[
            PACKAGE / "vendor",
            *(Path(str(files("allauth") / part / "static")) for part in ("mfa", "account")),
        ],
        STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
        USE_TZ=True,
    )
    django.setup()
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


if __name__ == "__main__":
    main()
