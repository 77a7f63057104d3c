"""The fingerprint of a node as people read, type and say it.

Decides how 32 bytes are shown (16 groups of 4 hex digits, or 24 English words of BIP-39, whose last word holds a
checksum), whether what a person typed is the same, and which parts of it differ. What the fingerprint is of is said by
`seal.identity`.
"""

from functools import lru_cache
from itertools import zip_longest
from typing import Final

from mnemonic import Mnemonic

WORDS: Final = 24
DIGITS: Final = 64
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


def is_digits(typed: str) -> bool:
    """Whether a person typed hex digits only, and not words."""
    return not "".join(typed.lower().split()).strip("0123456789abcdef")


def typed_parts(typed: str) -> tuple[str, ...]:
    """What a person typed, in groups of 4 digits or word for word, in small letters."""
    words = typed.lower().split()
    return tuple(fingerprint_groups("".join(words)).split() if is_digits(typed) else words)


def differing(typed: str, fingerprint: str) -> tuple[int, ...]:
    """Which groups or words that a person typed are not those of the fingerprint, the first being 1.

    What they should be is for the partner to say, and never for this node: else nobody would have to call.
    """
    held = (fingerprint_groups if is_digits(typed) else fingerprint_words)(fingerprint).split()
    both = enumerate(zip_longest(typed_parts(typed), held), 1)
    return tuple(number for number, (part, right) in both if part != right)


@lru_cache(maxsize=1)
def _english() -> Mnemonic:
    return Mnemonic("english")
