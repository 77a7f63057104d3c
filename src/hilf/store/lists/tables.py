"""Tables of lists: the nation's entries, what each list does, and what stands in which object (accord.md 4).

How far the objects were looked at is the counter "lists"; with which lists, the counter "lists edition".
"""

from django.db import models


class ListEntry(models.Model):
    """One entry of a list that the nation keeps: as written, and in the form in which it is looked for."""

    list = models.TextField()
    kind = models.CharField(max_length=10)
    value = models.TextField()
    text = models.TextField()
    added = models.BigIntegerField()

    class Meta:
        db_table = "list_entry"
        constraints = (models.UniqueConstraint(fields=["list", "kind", "value"], name="list_entry_once"),)


class ListAction(models.Model):
    """What a list does where the nation set it: stop, warn, off."""

    list = models.TextField(primary_key=True)
    action = models.CharField(max_length=4)

    class Meta:
        db_table = "list_action"


class ListHit(models.Model):
    """One thing of an object that stands on a list."""

    object_seq = models.BigIntegerField()
    list = models.TextField()
    value = models.TextField()
    entry = models.TextField()
    place = models.TextField()

    class Meta:
        db_table = "list_hit"
        indexes = (models.Index(fields=["object_seq"], name="list_hit_object"),)
