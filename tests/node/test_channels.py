from pathlib import Path

import pytest

from hilf.node.channels import DEFAULTS, Channels, Mail, Webhook, channels_of, faults


def test_nothing_is_set_by_default():
    assert channels_of(DEFAULTS) == Channels()
    assert list(faults(DEFAULTS)) == []
    assert Channels().names == ()


def test_what_is_set_is_read():
    texts = {
        **DEFAULTS,
        "notify_mail_to": "duty@cert.qm.example, deputy@cert.qm.example",
        "notify_mail_from": "node@cert.qm.example",
        "notify_smtp_host": "mail.qm.example",
        "notify_smtp_user": "node",
        "notify_smtp_password_file": "/etc/hilf/smtp",
        "notify_command": '["/usr/bin/pager", "--to", "duty officer"]',
        "notify_webhook_url": "https://sms.qm.example/x",
        "notify_webhook_key_file": "/etc/hilf/hook",
        "notify_link": "https://console.qm.example",
        "notify_repeat_hours": "6",
    }
    assert list(faults(texts)) == []
    found = channels_of(texts)
    assert found == Channels(
        Mail(
            ("duty@cert.qm.example", "deputy@cert.qm.example"),
            "node@cert.qm.example",
            "mail.qm.example",
            587,
            "starttls",
            "node",
            Path("/etc/hilf/smtp"),
        ),
        ("/usr/bin/pager", "--to", "duty officer"),
        Webhook("https://sms.qm.example/x", Path("/etc/hilf/hook")),
        "https://console.qm.example",
        6,
    )
    assert found.names == ("mail", "command", "webhook")


def test_lists_may_be_written_as_one_text():
    texts = {
        **DEFAULTS,
        "notify_mail_to": '["a@qm.example", "b@qm.example"]',
        "notify_command": "pager --to 'duty officer'",
    }
    found = channels_of(texts)
    assert found.mail.to == ("a@qm.example", "b@qm.example")
    assert found.command == ("pager", "--to", "duty officer")


@pytest.mark.parametrize(
    ("setting", "text", "said"),
    [
        ("notify_mail_to", "duty@qm.example", ["notify_mail_from", "notify_smtp_host"]),
        ("notify_mail_to", "duty", ["notify_mail_from", "notify_smtp_host", "notify_mail_to"]),
        ("notify_smtp_tls", "maybe", ["notify_smtp_tls"]),
        ("notify_smtp_user", "node", ["notify_smtp_password_file"]),
        ("notify_webhook_url", "http://sms.qm.example/", ["notify_webhook_url"]),
        ("notify_webhook_url", "http://[", ["notify_webhook_url"]),
        ("notify_webhook_url", "file:///etc/passwd", ["notify_webhook_url"]),
        ("notify_command", "pager 'open", ["notify_command"]),
        ("notify_command", "[1", ["notify_command"]),
    ],
)
def test_what_is_wrong_is_said(setting, text, said):
    assert [each.split()[0] for each in faults({**DEFAULTS, setting: text})] == said


@pytest.mark.parametrize(
    "url", ["https://sms.qm.example/", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"]
)
def test_plain_http_goes_to_this_machine_only(url):
    assert list(faults({**DEFAULTS, "notify_webhook_url": url})) == []


def test_a_password_never_goes_in_the_open():
    texts = {
        **DEFAULTS,
        "notify_smtp_user": "node",
        "notify_smtp_password_file": "/x",
        "notify_smtp_tls": "none",
    }
    assert [each.split()[0] for each in faults(texts)] == ["notify_smtp_tls"]
