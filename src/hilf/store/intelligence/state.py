"""What a reader may see of an assertion."""

from enum import IntEnum


class ObjectState(IntEnum):
    """States below HIDDEN have a body for readers; only CURRENT is found by searches."""

    CURRENT = 0
    OLDER = 1
    QUARANTINED = 2
    HIDDEN = 3  # retracted: no door shows the body
    ERASED = 4  # retracted: there is no body any more
