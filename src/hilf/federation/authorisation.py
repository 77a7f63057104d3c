"""Authorisations: officers' records for acts that their node alone may not say (protocol.md 5, docs/adr/0005, 0014).

The records are verified by `seal.record` over `subject`. A `retraction` act carries them as its body, a `consent` act as
one of its steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.federation.structure import array, hexadecimal
from hilf.seal.record import acts_subject


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Officers' records for the acts with these ids; `seal.record` verifies them over `subject`."""

    acts: tuple[str, ...]
    records: tuple[Json, ...]

    @property
    def subject(self) -> str:
        """What the officers signed: H(canonical(sorted act ids)). Source: wire.md 3."""
        return acts_subject(self.acts)

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {"acts": [*self.acts], "records": [*self.records]}


def read_authorisation(
    fields: Mapping[str, Json], what: str, most_acts: int | None = None, most_records: int | None = None
) -> Authorisation:
    """The authorisation in a structure whose members were checked; None is no limit.

    Raises:
        PartnerFault: `<what>: acts`, `<what>: acts: hex`, `<what>: records`.
    """
    acts = [hexadecimal(each, 32, f"{what}: acts") for each in array(fields["acts"], f"{what}: acts")]
    if not acts or len(acts) > (most_acts or len(acts)) or acts != sorted(set(acts)):
        raise PartnerFault(f"{what}: acts", "none, too many, not sorted, or twice")
    records = array(fields["records"], f"{what}: records")
    if not records or len(records) > (most_records or len(records)):
        raise PartnerFault(f"{what}: records")
    return Authorisation(tuple(acts), tuple(records))
