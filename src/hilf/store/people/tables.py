"""People who sign in. Officers' keys are not here: they lie in HOME/keys (wire.md 2).

Times are microseconds since 1970, UTC.
"""

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


class OfficerPerson(models.Model):
    """Whose an officer's key is, or was: a key belongs to one person for ever, a person signs with one at a time."""

    kid = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)

    class Meta:
        db_table = "officer_person"
        constraints = (
            models.UniqueConstraint(
                fields=["user"], name="officer_person_now", condition=models.Q(until=None)
            ),
        )


class Invitation(models.Model):
    """A link with which a person sets a password, once; only its hash is kept."""

    token_sha256 = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created = models.BigIntegerField()
    expires = models.BigIntegerField()

    class Meta:
        db_table = "invitation"


class OfficerPasskey(models.Model):
    """A passkey with which an officer signs: which credential, and the officer's key sealed under its PRF."""

    credential = models.TextField(primary_key=True)
    kid = models.CharField(max_length=64, db_index=True)
    public = models.BinaryField()
    salt = models.BinaryField()
    sealed = models.BinaryField(null=True)
    counter = models.BigIntegerField(default=0)
    added = models.BigIntegerField()

    class Meta:
        db_table = "officer_passkey"


class OfficerAssertion(models.Model):
    """What a passkey answered for one officer's record: kept beside it, so that anybody can check it later."""

    subject = models.TextField()
    kid = models.CharField(max_length=64)
    challenge = models.CharField(max_length=64)
    assertion = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "officer_assertion"
        indexes = (models.Index(fields=["subject"], name="officer_assertion_subject"),)
