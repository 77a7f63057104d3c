import json

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from tests.receivers import hook, program


@pytest.fixture
def run(home):
    def run_(*words, as_json=True):
        words = ["notify", *words, "--home", str(home.path), *(["--json"] if as_json else [])]
        done = CliRunner().invoke(hilf, words)
        return (
            done.exit_code,
            json.loads(done.stdout) if as_json and done.stdout else done.stdout,
            done.stderr,
        )

    return run_


def configure(home, *lines):
    with (home.path / "hilf.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[notify]", *lines, ""]))


def test_without_a_channel_a_test_says_how_to_set_one(run):
    code, _, errors = run("test", as_json=False)
    assert code == 2
    assert "[notify.no-channel]" in errors
    assert "[notify]" in errors
    code, document, _ = run("list")
    assert (code, document) == (0, {"channels": [], "standing": [], "messages": []})
    assert "none is set" in run("list", as_json=False)[1]


def test_a_test_goes_to_every_channel_and_says_which_failed(run, home, tmp_path):
    out = tmp_path / "told.json"
    made = program(tmp_path, f"open({str(out)!r}, 'w').write(message)")
    with hook(500) as server:
        port = server.server_address[1]
        configure(home, f'command = ["{made}"]', f'webhook_url = "http://127.0.0.1:{port}/"')
        code, document, _ = run("test")
        assert code == 3
        assert document["sent"] == [
            {"channel": "command", "ok": True, "error": None},
            {
                "channel": "webhook",
                "ok": False,
                "error": "The webhook did not take the message: it answered 500.",
            },
        ]
        assert json.loads(out.read_text())["node"] == home.node
        server.answer = 200
        assert run("test", as_json=False)[:2] == (0, "command: sent\nwebhook: sent\n")
    assert run("list")[1]["channels"] == ["command", "webhook"]


def test_what_lasts_and_what_was_sent_is_listed(run, home, tmp_path):
    from datetime import UTC, datetime

    from hilf.node import notice
    from hilf.settings import channels_of_home

    configure(home, f'command = ["{program(tmp_path)}"]')
    (home.keys / "tls.crt").unlink()  # a fault
    channels, now = channels_of_home(home.path), datetime.now(UTC)
    notice.look(home, channels, now)
    notice.deliver(channels, now)
    document = run("list")[1]
    assert [(each["code"], each["told"] is None) for each in document["standing"]] == [
        ("home.key-missing", False)
    ]
    assert [(each["channel"], each["state"], each["attempts"]) for each in document["messages"]] == [
        ("command", "sent", 1)
    ]
    assert "home.key-missing" in run("list", as_json=False)[1]
