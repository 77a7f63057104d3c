"""The console, as Django finds it."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Templates, languages and files of the console; its tables are the store's."""

    name = "hilf.console"
    label = "console"
