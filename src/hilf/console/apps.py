"""The console, as Django finds it."""

from django.apps import AppConfig, apps


class ConsoleConfig(AppConfig):
    """Templates, languages and files of the console; its tables are the store's."""

    name = "hilf.console"
    label = "console"

    def ready(self) -> None:
        """Let the audit trail hear what sign-in tells."""
        if apps.is_installed("allauth.account"):  # where files are only collected, nobody signs in
            from hilf.console import audited  # late: it needs the tables

            audited.listen()
