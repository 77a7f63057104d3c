"""Django looks for tables here; each room keeps its own in `store/<room>/tables.py`."""

from hilf.store.accord.tables import Accord, AccordRecord
from hilf.store.federation.tables import (
    Act,
    Batch,
    Confirmation,
    Evidence,
    IdentityDocument,
    Nonce,
    OfficerRecord,
    Peer,
    Retraction,
    Stream,
)
from hilf.store.intelligence.tables import Counter, Finding, Import, Object, Source
from hilf.store.people.tables import User
from hilf.store.release.tables import Release, ReleaseItem

__all__ = [
    "Accord",
    "AccordRecord",
    "Act",
    "Batch",
    "Confirmation",
    "Counter",
    "Evidence",
    "Finding",
    "IdentityDocument",
    "Import",
    "Nonce",
    "Object",
    "OfficerRecord",
    "Peer",
    "Release",
    "ReleaseItem",
    "Retraction",
    "Source",
    "Stream",
    "User",
]
