from datetime import UTC, datetime, timedelta

import pytest

from hilf.seal.difference import differences
from hilf.seal.identity import Officer
from tests.conftest import NOW
from tests.homes import Partner, key

NODE = "cert.qn.example"
AMAL, NOOR = key("amal"), key("noor")
ROOTS = [key(f"{NODE} root {n}") for n in (1, 2, 3)]
OFFICER, ONLINE = key(f"{NODE} officer"), key(f"{NODE} online 1")


def officer(of, name, *roles):
    return Officer(of.public, name, roles)


def changes(after=None, before=None):
    """What a second document changes, members given; nothing else is another one, the end of its life included."""
    first = Partner().document(**(before or {})).newest
    second = Partner().document(**{**(before or {}), **(after or {})}).newest
    return [(each.word, each.text, each.warns) for each in differences(first, second)]


def test_the_same_document_again_changes_nothing():
    assert changes() == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            {"officers": [officer(OFFICER, "officer", "verification"), officer(AMAL, "amal", "accord")]},
            [("officer-added", "officer amal may sign now (accord)", False)],
        ),
        (
            {"officers": []},
            [("officer-removed", "officer officer signs nothing new; what is signed stays valid", False)],
        ),
        (
            {"officers": [officer(OFFICER, "noor", "verification")]},
            [("officer-renamed", "officer officer is called noor now", False)],
        ),
        (
            {"officers": [officer(OFFICER, "officer")]},
            [
                (
                    "officer-roles",
                    "officer officer may sign everything now, before: verification",
                    True,
                )
            ],
        ),
        (
            {"officers": [officer(OFFICER, "officer", "verification", "accord")]},
            [
                (
                    "officer-roles",
                    "officer officer may sign verification, accord now, before: verification",
                    True,
                )
            ],
        ),
        (
            {"officers": [], "revoked": {OFFICER.kid: "2026-11-01T00:00:00.000Z"}},
            [
                (
                    "key-revoked",
                    (
                        f"the key of officer officer ({OFFICER.kid}) is revoked: it is said to be out of hand since "
                        "2026-11-01T00:00:00.000Z"
                    ),
                    True,
                )
            ],
        ),
        (
            {"online": "online 2", "revoked": {ONLINE.kid: "2026-11-01T00:00:00.000Z"}},
            [
                (
                    "key-revoked",
                    (
                        f"the online key {ONLINE.kid} is revoked: it is said to be out of hand since "
                        "2026-11-01T00:00:00.000Z"
                    ),
                    True,
                ),
                ("online-key-added", f"online key {key(f'{NODE} online 2').kid} signs now", False),
            ],
        ),
        (
            {"sign": [ONLINE.public, AMAL.public]},
            [("online-key-added", f"online key {AMAL.kid} signs now", False)],
        ),
        (
            {"officers_per_act": 2},
            [
                (
                    "officers-per-act-raised",
                    "an act needs 2 officers from now on, before: 1",
                    False,
                )
            ],
        ),
        (
            {"root": [each.public for each in ROOTS[:2]]},
            [
                ("root-threshold", "2 of 2 root keys sign a new document now, before: 2 of 3", False),
                (
                    "root-key-removed",
                    f"root key {ROOTS[2].kid} signs nothing new; what is signed stays valid",
                    True,
                ),
            ],
        ),
        (
            {"threshold": 1},
            [("root-threshold", "1 of 3 root keys sign a new document now, before: 2 of 3", True)],
        ),
        (
            {"tls_sha256": ["0" * 64, "1" * 64]},
            [("certificate-added", f"TLS certificate {'1' * 64} is listed", False)],
        ),
        (
            {"endpoints": ["https://192.0.2.8:8443"]},
            [
                ("endpoint-added", "address https://192.0.2.8:8443 is listed", False),
                ("endpoint-removed", "address https://192.0.2.7:8443 is listed no more", False),
            ],
        ),
        (
            {"kept": {"stix_identities": ["identity--A"]}},
            [
                (
                    "stix-identity-added",
                    "it says that it is identity--a; that counts when officers of ours have verified it",
                    True,
                )
            ],
        ),
        (
            {"name": {"en": "CERT of QN", "fr": "CERT de QN"}},
            [("name", "it is called CERT of QN · CERT de QN now", False)],
        ),
        ({"country": "QO"}, [("country", "its country is QO now, before: QN", True)]),
        ({"expires": datetime(2027, 11, 24, 23, 59, tzinfo=UTC)}, []),
        (
            {"expires": NOW + timedelta(days=300)},
            [("expires", "it is valid until 2027-09-20, before: 2027-11-24", False)],
        ),
        (
            {"kept": {"stix_identities": [], "colour": "green"}},
            [("other", "its member colour, which this version does not know, is another one", False)],
        ),
    ],
)
def test_each_change_is_said_in_words_and_warned_of_where_it_takes_protection_away(after, expected):
    assert sorted(changes(after)) == sorted((word, text, warns) for word, text, warns in expected)


def test_lowered_officers_per_act_warns_and_says_what_stays():
    two = {
        "officers": [officer(OFFICER, "officer", "verification"), officer(AMAL, "amal", "accord")],
        "officers_per_act": 2,
    }
    assert changes({"officers_per_act": 1}, two) == [
        (
            "officers-per-act-lowered",
            "an act needs 1 officer from now on, before: 2; what was proposed before needs 2",
            True,
        )
    ]


def test_removed_stix_identity_and_warnings_come_first():
    before = {"kept": {"stix_identities": ["identity--a"]}}
    assert changes({"kept": {"stix_identities": []}}, before) == [
        ("stix-identity-removed", "it is identity--a no more: what comes in that name has no author", False)
    ]
    mixed = changes({"name": {"en": "X"}, "threshold": 1, "officers": []})
    assert [warns for _, _, warns in mixed] == [True, False, False]
