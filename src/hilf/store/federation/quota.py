"""Quotas of single peers as a person set them, where they differ from the settings. Holds no rule."""

from dataclasses import dataclass

from hilf.store.database import execute, row, rows


@dataclass(frozen=True, slots=True)
class KeptQuota:
    """What one peer may use in an hour, and of the disk; None: as the settings say."""

    acts_per_hour: int | None = None
    bytes_per_hour: int | None = None
    processor_s_per_hour: int | None = None
    disk_bytes: int | None = None
    reconciles_per_hour: int | None = None


_COLUMNS = "acts_per_hour, bytes_per_hour, processor_s_per_hour, disk_bytes, reconciles_per_hour"


def get(node: str) -> KeptQuota | None:
    """What was set for a peer; None where nothing was."""
    found = row(f"SELECT {_COLUMNS} FROM peer_quota WHERE node = %s", (node,))
    return KeptQuota(*found) if found else None


def put(node: str, quota: KeptQuota) -> None:
    """Set it, in place of what was set before."""
    execute("DELETE FROM peer_quota WHERE node = %s", (node,))
    execute(
        f"INSERT INTO peer_quota (node, {_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            node,
            quota.acts_per_hour,
            quota.bytes_per_hour,
            quota.processor_s_per_hour,
            quota.disk_bytes,
            quota.reconciles_per_hour,
        ),
    )


def forget(node: str) -> None:
    """Forget what was set for a peer."""
    execute("DELETE FROM peer_quota WHERE node = %s", (node,))


def occupied_by_all() -> dict[str, int]:
    """Bytes that all that each peer sent occupies here: its acts, and the objects that it asserts, in quarantine or not."""
    found = dict(
        rows("SELECT peer, sum(length(envelope)) FROM act WHERE outgoing = %s GROUP BY peer", (False,))
    )
    for node, size in rows("SELECT asserter, sum(length(body)) FROM object GROUP BY asserter"):
        found[node] = found.get(node, 0) + (size or 0)
    return {node: int(size) for node, size in found.items()}
