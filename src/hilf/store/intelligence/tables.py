"""Tables of intelligence: assertions of STIX objects, where they came from, what was found wrong.

An `Object` row is one assertion (protocol.md 3): one node says one version of one STIX object. What each node
asserts is kept apart. `observable`, `observable_key`, `reference` and the full text are indexes over these rows,
`mention` says which other imports brought the same; they have no models, since they are written and read in SQL
only (migration 0002, `store/intelligence/*.py`). Times are microseconds since 1970, UTC.
"""

from django.db import models

from hilf.accord.placing import ObjectState


class Object(models.Model):
    """One assertion: (asserter, STIX id, modified, content hash, terms).

    `body` is the object as it was received; `original` holds what was received where `body` had to be made from it
    (an older edition of STIX). `sha256` is the content id: the hash of the canonical form of `body`. `accord`
    ("accord--… 3": id and version), `purpose`, `exercise` and `terms` say how it came from a partner. The two
    bodies stand behind these, so that reading the columns before them touches no overflow page. `facts_id` is the row
    of `facts` that decisions read, `confidence` what they read beside it; both are null where they were not written yet
    and where nothing is decided any more.
    """

    seq = models.BigAutoField(primary_key=True)
    id_key = models.BigIntegerField()
    stix_id = models.TextField()
    type = models.TextField()
    created = models.BigIntegerField(null=True)
    modified = models.BigIntegerField(null=True)
    created_by = models.TextField(null=True)
    asserter = models.TextField()
    author = models.TextField(null=True)
    state = models.SmallIntegerField(default=int(ObjectState.CURRENT))
    tlp = models.SmallIntegerField(null=True)
    overlay = models.TextField(null=True)
    accord = models.TextField(null=True)
    purpose = models.TextField(null=True)
    exercise = models.TextField(null=True)
    terms = models.TextField(null=True)
    sha256 = models.BinaryField()
    received = models.BigIntegerField()
    import_id = models.BigIntegerField(null=True)
    authorship = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    original = models.BinaryField(null=True)
    facts_id = models.BigIntegerField(null=True)
    confidence = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "object"
        indexes = (
            models.Index(fields=["id_key"], name="object_id_key"),
            models.Index(fields=["type", "seq"], name="object_type"),
            models.Index(
                fields=["import_id"], name="object_import", condition=models.Q(import_id__isnull=False)
            ),
            models.Index(fields=["facts_id"], name="object_facts"),
            models.Index(
                fields=["seq"], name="object_waits", condition=models.Q(state=int(ObjectState.QUARANTINED))
            ),
            models.Index(
                fields=["seq"],
                name="object_no_facts",
                condition=models.Q(facts_id__isnull=True, state__lt=int(ObjectState.HIDDEN)),
            ),
            models.Index(  # lists are filtered and counted in it alone: a row is a page of the file
                fields=["seq", "tlp", "confidence", "received", "modified", "created", "facts_id", "state"],
                name="object_listed",
                condition=models.Q(state=int(ObjectState.CURRENT)),
            ),
        )


class OwnLabel(models.Model):
    """A word of ours on an object, whoever says it: stands beside it, is found by `label:`, and never leaves this node."""

    id_key = models.BigIntegerField()
    stix_id = models.TextField()
    label = models.TextField()
    by = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "own_label"
        indexes = (
            models.Index(fields=["id_key"], name="own_label_id_key"),
            models.Index(fields=["label", "id_key"], name="own_label_label"),
        )
        constraints = (models.UniqueConstraint(fields=["stix_id", "label"], name="own_label_once"),)


class Facts(models.Model):
    """What a decision may depend on, as JSON, once for all assertions that have it in common (`accord/facts.py`).

    `digest` is the SHA-256 of the text. An id is never given anew.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.BinaryField(unique=True)
    json = models.TextField()

    class Meta:
        db_table = "facts"


class Counter(models.Model):
    """Numbers that are held until commit, so that readers by `seq` never skip a late writer."""

    name = models.TextField(primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "counter"


class Source(models.Model):
    """Where imports come from, with what it is worth and how it is marked by default."""

    name = models.TextField(primary_key=True)
    marking = models.TextField(null=True)
    reliability = models.CharField(max_length=1, default="F")
    owner = models.TextField(null=True)

    class Meta:
        db_table = "source"


class Import(models.Model):
    """One intake of one file, undone as a whole or not at all."""

    started = models.BigIntegerField()
    finished = models.BigIntegerField(null=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    name = models.TextField()
    marking = models.TextField(null=True)
    state = models.CharField(max_length=10, default="running")
    counts = models.TextField(default="{}")

    class Meta:
        db_table = "import"


class Finding(models.Model):
    """What was found wrong, where; `body` holds the received bytes of what was quarantined or refused."""

    import_id = models.BigIntegerField(null=True)
    peer = models.TextField(null=True)
    at = models.BigIntegerField()
    object = models.TextField()
    place = models.TextField()
    rule = models.TextField()
    message = models.TextField()
    outcome = models.CharField(max_length=11)
    body = models.BinaryField(null=True)

    class Meta:
        db_table = "finding"
        indexes = (
            models.Index(fields=["import_id"], name="finding_import"),
            models.Index(fields=["object"], name="finding_object"),
        )


class Tombstone(models.Model):
    """That a version was hidden or erased here, and when; HOME/tombstones says the same (`store/intelligence/tombstone.py`)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField()
    word = models.CharField(max_length=7)
    id_key = models.BigIntegerField()
    sha256 = models.BinaryField()
    asserter = models.TextField()

    class Meta:
        db_table = "tombstone"
        indexes = (models.Index(fields=["id_key"], name="tombstone_id_key"),)


class Retention(models.Model):
    """Until when a received assertion may be kept; `done` is when it was hidden for that, and `erased` when it was erased."""

    seq = models.BigIntegerField(primary_key=True)
    until = models.BigIntegerField()
    done = models.BigIntegerField(null=True)
    erased = models.BigIntegerField(null=True)

    class Meta:
        db_table = "retention"
        indexes = (
            models.Index(fields=["until"], name="retention_due", condition=models.Q(erased__isnull=True)),
        )


class Hold(models.Model):
    """A legal hold: these objects are hidden when they must be, and not erased until it is lifted."""

    name = models.TextField(unique=True)
    reason = models.TextField()
    selection = models.TextField()
    at = models.BigIntegerField()
    lifted = models.BigIntegerField(null=True)

    class Meta:
        db_table = "hold"


class HoldObject(models.Model):
    """One object under a hold, with every version of it, whoever says it."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE)
    stix_id = models.TextField()

    class Meta:
        db_table = "hold_object"
        constraints = (models.UniqueConstraint(fields=["hold", "stix_id"], name="hold_object_once"),)
        indexes = (models.Index(fields=["stix_id"], name="hold_object_id"),)


class HoldAct(models.Model):
    """What an officer did about a hold: set it, looked at a hidden body, lifted it; signed by that officer."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE)
    at = models.BigIntegerField()
    word = models.CharField(max_length=4)
    kid = models.CharField(max_length=32)
    about = models.TextField()
    record = models.TextField()

    class Meta:
        db_table = "hold_act"
