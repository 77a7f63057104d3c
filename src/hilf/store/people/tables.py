"""People who sign in. Officers' keys are not here: they lie in HOME/keys (wire.md 2)."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account of the console; our own model from the first migration on, so that it can grow."""

    language = models.CharField(max_length=2, default="en")

    class Meta:
        db_table = "user"


class UserRole(models.Model):
    """One role of one person; `hilf.access.role` says what it gives."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)

    class Meta:
        db_table = "user_role"
        constraints = (models.UniqueConstraint(fields=["user", "role"], name="user_role_once"),)
