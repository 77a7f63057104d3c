"""The audit trail: rows of which each holds the hash of the one before.

Times are microseconds since 1970, UTC. `body` is what is hashed; the other columns repeat parts of it to search by.
"""

from django.db import models


class AuditEntry(models.Model):
    """One thing that somebody did, saw, tried or was denied."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    person = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    body = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_entry"
        indexes = (
            models.Index(fields=["person", "seq"], name="audit_person"),
            models.Index(fields=["kind", "seq"], name="audit_kind"),
            models.Index(fields=["subject", "seq"], name="audit_subject"),
        )
