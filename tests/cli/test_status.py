import json

from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.node import peer
from tests.conftest import NOW


def run(home, *arguments):
    return CliRunner().invoke(hilf, ["status", "--home", str(home.path), *arguments])


def test_status_says_how_the_node_is_in_json(home, qn):
    peer.add(home, qn.card, NOW)
    answer = run(home, "--json")
    document = json.loads(answer.stdout)
    assert (answer.exit_code, document["node"], document["faults"]) == (0, home.node, [])
    assert [each["node"] for each in document["peers"]] == [qn.node]
    assert document["outbox"] == {"waiting": 0, "oldest": 0}
    assert [each["code"] for each in document["warnings"]] == [
        "status.root-keys-here",
        "status.too-few-officers",
        "status.peer-waits",
    ]


def test_status_ends_with_1_when_something_stops_the_node(home):
    (home.keys / "online.pem").unlink()
    answer = run(home)
    assert answer.exit_code == 1
    assert f"FAULT: {home.keys / 'online.pem'} cannot be read: No such file or directory." in answer.stdout


def test_status_of_a_sound_node_says_so(home):
    answer = run(home)
    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (0, "Nothing stops this node.")


def test_status_of_no_home_ends_with_2(tmp_path):
    answer = CliRunner().invoke(hilf, ["status", "--home", str(tmp_path), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "home.missing")
