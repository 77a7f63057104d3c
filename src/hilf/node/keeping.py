"""Keeping: what may not be taken away here although a person asks for it, because a legal hold stands over it (`node/hold`)."""

from collections.abc import Iterable

from hilf.errors import Refusal
from hilf.store.intelligence import hold


def check_free(stix_ids: Iterable[str]) -> None:
    """Refuse what would take away objects that are under a hold.

    Raises:
        Refusal: "hold.stands".
    """
    _refuse(hold.held(stix_ids))


def check_import_free(import_id: int) -> None:
    """Refuse what would take away an import of which something is under a hold.

    Raises:
        Refusal: "hold.stands".
    """
    _refuse(hold.held_of_import(import_id))


def _refuse(held: frozenset[str]) -> None:
    if held:
        more = f" and {len(held) - 1} more" if len(held) > 1 else ""
        raise Refusal(
            "hold.stands",
            f"{min(held)}{more} is under a legal hold.",
            "What is held is hidden where it must be, and not taken away.",
            "Lift the hold first, with as many officers as it takes: hilf hold list",
        )
