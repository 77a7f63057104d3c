"""Tables of federation: identities, peers, officers' records, acts, batches, streams, retractions.

Object acts keep their envelope only (`body.object` is null there); the bytes of the object stand once, in
`object.body`, so that what is erased there is erased everywhere. Batches keep header and receipt, never the acts.
Times are microseconds since 1970, UTC.
"""

from django.db import models


class IdentityDocument(models.Model):
    """Every identity document of every node that we know, our own included (wire.md 2)."""

    node = models.TextField()
    number = models.BigIntegerField()
    document = models.BinaryField()
    signatures = models.TextField()
    accepted = models.BigIntegerField()

    class Meta:
        db_table = "identity_document"
        constraints = (models.UniqueConstraint(fields=["node", "number"], name="identity_document_once"),)


class Peer(models.Model):
    """Another node and what we may exchange with it (protocol.md 1).

    `stix_identities` are the ids that count as its own, as JSON; null where an older hilf verified it: those that its
    documents named then. `seen` is the number of the newest identity document that a person has looked at.
    """

    node = models.TextField(primary_key=True)
    state = models.CharField(max_length=10)
    fingerprint = models.CharField(max_length=64)
    introduced_by = models.TextField(null=True)
    added = models.BigIntegerField()
    verified = models.BigIntegerField(null=True)
    reason = models.TextField(null=True)
    last_receipt = models.BigIntegerField(null=True)
    last_error = models.TextField(null=True)
    failures = models.IntegerField(default=0)
    next_try = models.BigIntegerField(default=0)
    stix_identities = models.TextField(null=True)
    seen = models.BigIntegerField(null=True)

    class Meta:
        db_table = "peer"


class OfficerRecord(models.Model):
    """One officer's signed record about one subject (wire.md 3); accords keep theirs in `accord_record`."""

    type = models.CharField(max_length=12)
    subject = models.TextField()
    kid = models.CharField(max_length=32)
    record = models.TextField()

    class Meta:
        db_table = "officer_record"
        constraints = (
            models.UniqueConstraint(fields=["type", "subject", "kid"], name="officer_record_once"),
        )


class Act(models.Model):
    """An act, ours or a partner's. `pos` orders what waits; `seq` is given when it is first sent (wire.md 4)."""

    pos = models.BigAutoField(primary_key=True)
    act_id = models.BinaryField()
    outgoing = models.BooleanField()
    peer = models.TextField()
    kind = models.TextField()
    at = models.BigIntegerField()
    state = models.CharField(max_length=14)
    reason = models.TextField(null=True)
    epoch = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    envelope = models.BinaryField()
    object_seq = models.BigIntegerField(null=True)
    release_id = models.TextField(null=True)

    class Meta:
        db_table = "act"
        constraints = (models.UniqueConstraint(fields=["act_id"], name="act_once"),)
        indexes = (
            models.Index(fields=["peer", "outgoing", "state", "pos"], name="act_waiting"),
            models.Index(fields=["peer", "outgoing", "epoch", "seq"], name="act_position"),
            models.Index(
                fields=["peer", "outgoing", "kind", "pos"], name="act_held", condition=models.Q(state="held")
            ),
            models.Index(
                fields=["object_seq"], name="act_object", condition=models.Q(object_seq__isnull=False)
            ),
            models.Index(
                fields=["release_id", "state"],
                name="act_release",
                condition=models.Q(release_id__isnull=False),
            ),
        )


class Batch(models.Model):
    """Header and receipt of a batch, byte for byte, in either direction; `lost`: the partner lost it since (a restore)."""

    peer = models.TextField()
    outgoing = models.BooleanField()
    epoch = models.BigIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    header = models.BinaryField()
    receipt = models.BinaryField(null=True)
    at = models.BigIntegerField()
    lost = models.BooleanField(null=True)

    class Meta:
        db_table = "batch"
        indexes = (models.Index(fields=["peer", "outgoing", "epoch", "first"], name="batch_position"),)


class Stream(models.Model):
    """Where the stream with a peer stands in one direction: last seq and the chain there (protocol.md 4).

    `opening` is the peer's signed state that our epoch was opened from, `withdrawn` the ids that were not carried over.
    """

    peer = models.TextField()
    outgoing = models.BooleanField()
    epoch = models.BigIntegerField()
    seq = models.BigIntegerField()
    chain = models.BinaryField()
    receipted = models.BigIntegerField(default=0)
    opening = models.BinaryField(null=True)
    withdrawn = models.TextField(null=True)

    class Meta:
        db_table = "stream"
        constraints = (models.UniqueConstraint(fields=["peer", "outgoing"], name="stream_once"),)


class Reconciliation(models.Model):
    """One time that our stream to a peer was reconciled; `ended` is null while it goes on, or was cut (wire.md 6).

    Acts of ours: `lost` the peer holds and we do not, `taken` came back, `gone` only as ids, `again` are sent again,
    `withdrawn` are not; `unknown` the peer had receipted and has not any more.
    """

    peer = models.TextField()
    begun = models.BigIntegerField()
    ended = models.BigIntegerField(null=True)
    epoch = models.BigIntegerField(null=True)
    restored = models.BooleanField()
    lost = models.BigIntegerField()
    taken = models.BigIntegerField()
    gone = models.BigIntegerField()
    again = models.BigIntegerField()
    withdrawn = models.BigIntegerField()
    unknown = models.BigIntegerField()

    class Meta:
        db_table = "reconciliation"
        indexes = (models.Index(fields=["peer", "begun"], name="reconciliation_peer"),)


class PeerQuota(models.Model):
    """What one peer may use, where it differs from the settings; null: as the settings say."""

    node = models.TextField(primary_key=True)
    acts_per_hour = models.BigIntegerField(null=True)
    bytes_per_hour = models.BigIntegerField(null=True)
    processor_s_per_hour = models.BigIntegerField(null=True)
    disk_bytes = models.BigIntegerField(null=True)
    reconciles_per_hour = models.BigIntegerField(null=True)

    class Meta:
        db_table = "peer_quota"


class Nonce(models.Model):
    """Nonces of signed messages, kept until they expire (wire.md 5)."""

    keyid = models.TextField()
    nonce = models.CharField(max_length=32)
    expires = models.BigIntegerField()

    class Meta:
        db_table = "nonce"
        constraints = (models.UniqueConstraint(fields=["keyid", "nonce"], name="nonce_once"),)
        indexes = (models.Index(fields=["expires"], name="nonce_expires"),)


class Evidence(models.Model):
    """What a partner did that a person must look at, with the bytes that prove it."""

    peer = models.TextField()
    at = models.BigIntegerField()
    rule = models.TextField()
    body = models.BinaryField()

    class Meta:
        db_table = "evidence"


class Retraction(models.Model):
    """A retraction that we made or received, and how far it is with us (protocol.md 5).

    `owed`: what it demanded was due here anyway, because retention was over or the accord had ended with erasure; null for no.
    """

    act_id = models.BinaryField(null=True)
    by = models.TextField()
    stix_id = models.TextField()
    body = models.TextField()
    reason = models.TextField()
    at = models.BigIntegerField()
    deadline = models.BigIntegerField(null=True)
    erase_after = models.BigIntegerField(null=True)
    erased = models.BigIntegerField(null=True)
    cause = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    owed = models.BooleanField(null=True)

    class Meta:
        db_table = "retraction"
        indexes = (
            models.Index(fields=["stix_id"], name="retraction_object"),
            models.Index(
                fields=["by", "at"], name="retraction_came", condition=models.Q(act_id__isnull=False)
            ),
            models.Index(fields=["act_id"], name="retraction_act", condition=models.Q(act_id__isnull=False)),
        )


class Confirmation(models.Model):
    """What one node that we sent to says of one retraction of ours."""

    retraction = models.ForeignKey(Retraction, on_delete=models.CASCADE)
    node = models.TextField()
    act_id = models.BinaryField()
    state = models.CharField(max_length=10)
    at = models.BigIntegerField()
    further = models.TextField(default="{}")

    class Meta:
        db_table = "confirmation"
        constraints = (models.UniqueConstraint(fields=["retraction", "node"], name="confirmation_once"),)


class Restoration(models.Model):
    """That this database is older than what the node had: how it was noticed, and what was done (protocol.md 5)."""

    at = models.BigIntegerField()
    cause = models.CharField(max_length=10)
    taken = models.BigIntegerField(null=True)
    tombstones = models.IntegerField()
    detail = models.TextField()

    class Meta:
        db_table = "restoration"


class RestorationPeer(models.Model):
    """How far a restored node is with one peer: `done` is when both knew again where they stand."""

    restoration = models.ForeignKey(Restoration, on_delete=models.CASCADE)
    peer = models.TextField()
    done = models.BigIntegerField(null=True)
    taken_back = models.IntegerField(default=0)
    sent_again = models.IntegerField(default=0)
    unknown = models.TextField(null=True)

    class Meta:
        db_table = "restoration_peer"
        constraints = (models.UniqueConstraint(fields=["restoration", "peer"], name="restoration_peer_once"),)
