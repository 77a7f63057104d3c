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
    despite = models.TextField(default="")
    order_id = models.TextField(null=True)

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
        indexes = (models.Index(fields=["object_seq"], name="release_item_object"),)


class ReleasedRetention(models.Model):
    """Until when a partner may keep what an act of ours gave it; `done` is when we told it that the time is over."""

    act_id = models.BinaryField(unique=True)
    peer = models.TextField()
    until = models.BigIntegerField()
    done = models.BigIntegerField(null=True)

    class Meta:
        db_table = "released_retention"
        indexes = (
            models.Index(fields=["until"], name="released_due", condition=models.Q(done__isnull=True)),
            models.Index(fields=["until", "id"], name="released_until"),
        )


class Consent(models.Model):
    """One question to an originator whether something may go on, ours or a partner's, and its answer.

    `asked` and `answer` are bodies of consent acts as JSON; `pending` is our answer while officers must still sign it.
    """

    outgoing = models.BooleanField()
    peer = models.TextField()
    act_id = models.BinaryField()
    accord = models.TextField()
    asked = models.TextField()
    at = models.BigIntegerField()
    answer_by = models.BigIntegerField()
    answer = models.TextField(null=True)
    given = models.BigIntegerField(null=True)
    until = models.BigIntegerField(null=True)
    denied = models.BigIntegerField(null=True)
    code = models.TextField(null=True)
    pending = models.BinaryField(null=True)
    cause = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        db_table = "consent"
        constraints = (models.UniqueConstraint(fields=["act_id"], name="consent_once"),)


class ConsentObject(models.Model):
    """One kept assertion that a question is about; `given` once the answer is a yes for it."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE)
    object_seq = models.BigIntegerField()
    sha256 = models.BinaryField()
    given = models.BooleanField(default=False)

    class Meta:
        db_table = "consent_object"


class StandingOrder(models.Model):
    """A release that two people approved to be made again and again until it ends (accord.md 4).

    `document` is the canonical order, which the approvals bind; `last` says what its last run did, as JSON.
    """

    order_id = models.TextField(primary_key=True)
    state = models.CharField(max_length=10)
    document = models.TextField()
    subject = models.CharField(max_length=64)
    proposed = models.BigIntegerField()
    proposed_by = models.CharField(max_length=32)
    until = models.BigIntegerField()
    next_run = models.BigIntegerField(null=True)
    reason = models.TextField(null=True)
    last = models.TextField(null=True)

    class Meta:
        db_table = "standing_order"
