"""What a judgement on an object's content looks like.

A finding names the object, the place in it (a JSON pointer, or the place in the stream where there is no object),
the rule by a stable slug, and says in one sentence what is wrong. Findings are returned, all of them, and never
raised (errors are for what keeps us from going on: `hilf.errors`).
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one object, or of the stream around it.

    Attributes:
        object: the id of the object, empty where it has none that can be read.
        place: where the object stood ("objects[17]", "line 12"), a blank, and the JSON pointer inside it
            ("objects[17] /valid_until"); the pointer is missing where the whole object is meant.
        rule: stable slug such as "stix.schema", listed in docs.
        message: one sentence for a person.
        severity: an error refuses or quarantines the object, a warning does not.
    """

    object: str
    place: str
    rule: str
    message: str
    severity: Severity = "error"
