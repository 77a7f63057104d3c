import pytest

from hilf.seal.fingerprint import differing, fingerprint_groups, fingerprint_words, same_fingerprint
from tests.seal.nodes import IDENTITY

FINGERPRINT = IDENTITY["outputs"]["fingerprint"]
WORDS = fingerprint_words(FINGERPRINT)


def test_a_fingerprint_is_shown_in_16_groups() -> None:
    assert fingerprint_groups(FINGERPRINT) == IDENTITY["outputs"]["fingerprint_groups"]


def test_a_fingerprint_is_said_in_24_words_of_bip_39() -> None:
    assert fingerprint_words("00" * 32) == "abandon " * 23 + "art"
    assert fingerprint_words("ff" * 32) == "zoo " * 23 + "vote"
    assert WORDS == (
        "reason owner spoil pumpkin frame anger what quick unhappy daring admit claw "
        "drum super piano dove bubble nut picnic unit season about dragon bounce"
    )


@pytest.mark.parametrize(
    "typed",
    [
        FINGERPRINT,
        FINGERPRINT.upper(),
        fingerprint_groups(FINGERPRINT),
        f"  {fingerprint_groups(FINGERPRINT)}\n",
        WORDS,
        WORDS.title().replace(" ", "\n "),
    ],
)
def test_every_way_to_type_a_fingerprint_is_the_same(typed: str) -> None:
    assert same_fingerprint(typed, FINGERPRINT)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        FINGERPRINT[:-1],
        FINGERPRINT[:4],
        "0" * 64,
        " ".join(WORDS.split()[:-1]),
        WORDS.replace("reason", "season", 1),
    ],
)
def test_a_part_or_another_fingerprint_is_not_the_same(typed: str) -> None:
    assert not same_fingerprint(typed, FINGERPRINT)


def test_what_differs_is_counted_from_one_in_groups_or_words() -> None:
    assert differing(FINGERPRINT.upper(), FINGERPRINT) == differing(WORDS, FINGERPRINT) == ()
    assert differing("0000" + FINGERPRINT[4:], FINGERPRINT) == (1,)
    assert differing(WORDS.replace("bounce", "zoo"), FINGERPRINT) == (24,)
    assert differing(FINGERPRINT[:-4], FINGERPRINT) == (16,)
