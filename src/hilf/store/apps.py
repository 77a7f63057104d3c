"""The one Django app with tables."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """All tables of a node, under the label `hilf`."""

    name = "hilf.store"
    label = "hilf"
    default_auto_field = "django.db.models.BigAutoField"
