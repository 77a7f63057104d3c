"""Tables of notices: events that last, and messages on their way to the duty officer. Neither holds content.

Times are microseconds since 1970, UTC.
"""

from django.db import models


class NoticeEvent(models.Model):
    """Something that a person should look at; `key` is a hash of what it is about."""

    key = models.CharField(max_length=64, primary_key=True)
    code = models.TextField()
    count = models.BigIntegerField()
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField()
    standing = models.BooleanField(default=True)
    told = models.BigIntegerField(null=True)
    told_count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "notice_event"


class NoticeDelivery(models.Model):
    """One message on one channel."""

    at = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    message = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.IntegerField(default=0)
    next_try = models.BigIntegerField()
    done = models.BigIntegerField(null=True)
    error = models.TextField(null=True)

    class Meta:
        db_table = "notice_delivery"
        indexes = (
            models.Index(fields=["next_try"], name="notice_waiting", condition=models.Q(state="waiting")),
        )
