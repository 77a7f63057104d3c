"""Tables of release: what was proposed to whom, with the exact acts that an approval binds (accord.md 4)."""

from django.db import models


class Release(models.Model):
    """One proposal to send a selection to one partner."""

    release_id = models.TextField(primary_key=True)
    peer = models.TextField()
    state = models.CharField(max_length=10)
    selection = models.TextField()
    purpose = models.TextField()
    proposed = models.BigIntegerField()
    proposed_by = models.CharField(max_length=32, null=True)
    needs_approvals = models.IntegerField(default=0)
    subject = models.CharField(max_length=64)
    reason = models.TextField(null=True)

    class Meta:
        db_table = "release"


class ReleaseItem(models.Model):
    """One act of a proposal, bytes fixed when it was proposed."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE)
    act_id = models.BinaryField()
    envelope = models.BinaryField()
    object_seq = models.BigIntegerField()

    class Meta:
        db_table = "release_item"
