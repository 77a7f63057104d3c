"""People who sign in. Officers' keys are not here: they lie in HOME/keys (wire.md 2)."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account of the console; our own model from the first migration on, so that it can grow."""

    language = models.CharField(max_length=2, default="en")

    class Meta:
        db_table = "user"
