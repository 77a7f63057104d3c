"""The fingerprint of a node as people read, type and say it.

Decides how 32 bytes are shown (16 groups of 4 hex digits, or 24 English words of BIP-39, whose last word holds a
checksum) and whether what a person typed is the same. What the fingerprint is of is said by `seal.identity`.
"""

from functools import lru_cache
from typing import Final

from mnemonic import Mnemonic

_GROUP: Final = 4


def fingerprint_groups(fingerprint: str) -> str:
    """64 hex digits as 16 groups of 4. Source: wire.md 2."""
    return " ".join(fingerprint[start : start + _GROUP] for start in range(0, len(fingerprint), _GROUP))


def fingerprint_words(fingerprint: str) -> str:
    """64 hex digits as 24 words to read aloud. Source: BIP-39."""
    return str(_english().to_mnemonic(bytes.fromhex(fingerprint)))


def same_fingerprint(typed: str, fingerprint: str) -> bool:
    """Whether a person typed this fingerprint, as words or hex digits; spaces, line ends and case do not matter.

    A part of it is never the same: a person who compares the first groups only has not compared.
    """
    words = typed.lower().split()
    return "".join(words) == fingerprint or " ".join(words) == fingerprint_words(fingerprint)


@lru_cache(maxsize=1)
def _english() -> Mnemonic:
    return Mnemonic("english")
