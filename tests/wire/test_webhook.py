import hashlib
import hmac

import pytest

from hilf.errors import OperatorFault
from hilf.wire.webhook import post
from tests.receivers import hook

BODY = b'{"type":"hilf-notice"}'


def url(server, scheme="http", host="127.0.0.1"):
    return f"{scheme}://{host}:{server.server_address[1]}/pager?token=abc"


def test_a_receiver_can_tell_who_speaks_and_when():
    with hook() as server:
        post(url(server), BODY, b"shared", 1_790_000_000)
    ((path, headers, body),) = server.posts
    made = hmac.new(b"shared", b"1790000000." + BODY, hashlib.sha256).hexdigest()
    headers = {name.lower(): value for name, value in headers.items()}
    assert (path, body) == ("/pager?token=abc", BODY)
    assert headers["hilf-signature"] == f"t=1790000000,v1={made}"
    assert headers["content-type"] == "application/json"


def test_without_a_secret_nothing_is_signed():
    with hook() as server:
        post(url(server), BODY, None, 1)
    assert "hilf-signature" not in {name.lower() for name in server.posts[0][1]}


def test_tls_is_trusted_or_nothing_is_sent(tmp_path, monkeypatch):
    with hook(folder=tmp_path) as server:
        with pytest.raises(OperatorFault):
            post(url(server, "https", "localhost"), BODY, None, 1)
        assert server.posts == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.crt"))
        post(url(server, "https", "localhost"), BODY, None, 1)
    assert len(server.posts) == 1


@pytest.mark.parametrize("answer", [302, 400, 500])
def test_another_answer_is_a_fault_that_does_not_repeat_the_address(answer):
    with hook(answer) as server, pytest.raises(OperatorFault) as failed:
        post(url(server), BODY, None, 1)
    assert failed.value.code == "notify.webhook"
    assert str(answer) in failed.value.what
    assert "token" not in " ".join(failed.value.lines())
    assert len(server.posts) == 1


def test_nobody_there_is_a_fault():
    with hook() as server:
        gone = url(server)
    with pytest.raises(OperatorFault):
        post(gone, BODY, None, 1)
