"""Nonces of signed messages, kept until they expire, for all workers of a node (wire.md 5)."""

from hilf.store.database import execute, row


def seen(keyid: str, nonce: str) -> bool:
    """Whether this key has used this nonce."""
    return row("SELECT 1 FROM nonce WHERE keyid = %s AND nonce = %s", (keyid, nonce)) is not None


def take(keyid: str, nonce: str, expires_s: int) -> bool:
    """Keep a nonce; False when it was there already, also when another worker just kept it.

    `expires_s` is when the message expires, seconds since 1970, plus what clocks may differ.
    """
    taken = execute(
        "INSERT INTO nonce (keyid, nonce, expires) VALUES (%s, %s, %s) ON CONFLICT (keyid, nonce) DO NOTHING",
        (keyid, nonce, expires_s),
    )
    return taken == 1


def forget(now_s: int) -> int:
    """Forget nonces that expired; how many."""
    return execute("DELETE FROM nonce WHERE expires < %s", (now_s,))
