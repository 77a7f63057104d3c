"""Times as the tables keep them: whole microseconds since 1970, UTC. One way there, one way back."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """An aware time as a table keeps it."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(at_us: int) -> datetime:
    """The aware UTC time that a table keeps."""
    return _EPOCH + timedelta(microseconds=at_us)
