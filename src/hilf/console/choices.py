"""What forms of several rooms offer to choose from."""

from hilf.store.federation import peer


def partner_choices() -> list[tuple[str, str]]:
    """Every node that is known here, for a field of a form."""
    return [(each.node, each.node) for each in peer.every()]
