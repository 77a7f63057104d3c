"""Tables of agreements: every version of every accord, and who signed it."""

from django.db import models


class Accord(models.Model):
    """One version of an accord, as canonical bytes; its state follows from the records (`accord/life.py`)."""

    accord_id = models.TextField()
    version = models.IntegerField()
    hash = models.CharField(max_length=64)
    document = models.BinaryField()
    received = models.BigIntegerField()
    proposed = models.BooleanField(default=False)
    in_force = models.BigIntegerField(null=True)

    class Meta:
        db_table = "accord"
        constraints = (models.UniqueConstraint(fields=["accord_id", "version", "hash"], name="accord_once"),)


class AccordRecord(models.Model):
    """A signature, suspension, withdrawal or ending of one version, by one key of one party."""

    accord = models.ForeignKey(Accord, on_delete=models.CASCADE)
    type = models.CharField(max_length=12)
    party = models.TextField()
    kid = models.CharField(max_length=32)
    record = models.TextField()

    class Meta:
        db_table = "accord_record"
        constraints = (models.UniqueConstraint(fields=["accord", "type", "kid"], name="accord_record_once"),)


class AccordStanding(models.Model):
    """What was agreed with a node when everything released to it was last judged anew (`node/effects`)."""

    node = models.TextField(primary_key=True)
    standing = models.TextField()

    class Meta:
        db_table = "accord_standing"
