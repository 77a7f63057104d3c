import pytest

from hilf.errors import CallerFault
from hilf.seal.locked import lock, unlock

SALT, NONCE = bytes(range(16)), bytes(range(12))


def test_what_is_locked_opens_under_its_passphrase_and_is_not_seen_before():
    document = lock(b"the keys", {"node": "cert.qm.example"}, "six words", SALT, NONCE)
    assert unlock(document, "six words") == b"the keys"
    assert {name: document[name] for name in ("node", "salt", "nonce")} == {
        "node": "cert.qm.example",
        "salt": "AAECAwQFBgcICQoLDA0ODw",
        "nonce": "AAECAwQFBgcICQoL",
    }
    assert "keys" not in str(document)


@pytest.mark.parametrize(
    "change",
    [
        {"node": "cert.qn.example"},
        {"salt": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"nonce": "AAAAAAAAAAAAAAAA"},
        {"nonce": 7},
        {"box": "AAAA"},
        {"box": None},
        {"more": 1},
    ],
)
def test_what_was_altered_does_not_open(change):
    document = lock(b"the keys", {"node": "cert.qm.example"}, "six words", SALT, NONCE)
    with pytest.raises(CallerFault) as error:
        unlock({**document, **change}, "six words")
    assert error.value.code == "seal.locked"


def test_another_passphrase_does_not_open_it():
    with pytest.raises(CallerFault):
        unlock(lock(b"the keys", {}, "six words", SALT, NONCE), "six word")
