from email.message import EmailMessage

import pytest

from hilf.errors import OperatorFault
from hilf.wire.mail import Server, send
from tests.receivers import mail_server

TO = ("duty@cert.qm.example", "deputy@cert.qm.example")


def a_message():
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "node@cert.qm.example", ", ".join(TO), "a subject"
    made.set_content("what lasts\n")
    return made


def port(server):
    return server.server_address[1]


def test_a_message_reaches_every_recipient():
    with mail_server() as server:
        send(Server("127.0.0.1", port(server), "none"), a_message(), TO)
    (text,) = server.mails
    assert "Subject: a subject" in text
    assert "what lasts" in text
    assert [line for line in server.lines if line.lower().startswith("rcpt")] == [
        f"rcpt TO:<{each}>" for each in TO
    ]


def test_over_tls_a_user_signs_in(tmp_path, monkeypatch):
    with mail_server(folder=tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.crt"))
        send(Server("localhost", port(server), "tls", "node", "pass"), a_message(), TO)
    assert len(server.mails) == 1
    assert any(line.startswith("AUTH PLAIN") for line in server.lines)


def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path):
    with mail_server(folder=tmp_path) as server, pytest.raises(OperatorFault) as failed:
        send(Server("localhost", port(server), "tls"), a_message(), TO)
    assert (failed.value.code, server.mails) == ("notify.mail", [])


def test_without_starttls_nothing_goes_in_the_open():
    with mail_server() as server, pytest.raises(OperatorFault) as failed:
        send(Server("127.0.0.1", port(server), "starttls", "node", "pass"), a_message(), TO)
    assert (failed.value.code, server.mails) == ("notify.mail", [])
    assert not any("AUTH" in line or "MAIL" in line.upper() for line in server.lines)


@pytest.mark.parametrize("refused", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_names_neither_address_nor_text(refused):
    with mail_server(refused) as server, pytest.raises(OperatorFault) as failed:
        send(Server("127.0.0.1", port(server), "none"), a_message(), TO)
    said = " ".join(failed.value.lines())
    assert failed.value.code == "notify.mail"
    assert "duty" not in said
    assert "subject" not in said


def test_a_server_that_is_not_there_is_a_fault():
    with mail_server() as server:
        gone = port(server)
    with pytest.raises(OperatorFault):
        send(Server("127.0.0.1", gone, "none"), a_message(), TO)
