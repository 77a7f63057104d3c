import json

import jsonschema_rs
import orjson
import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.markings import pap, rel_to
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.stix.objects import faults, indicator


def run(*arguments: str, input_: bytes | None = None):
    return CliRunner().invoke(hilf, ["markings", *arguments], input=input_)


def test_extension_prints_each_definition_with_a_schema_that_its_markings_meet():
    answer = run("extension")
    author, *definitions = [orjson.loads(line) for line in answer.stdout.splitlines()]
    assert (answer.exit_code, author["type"]) == (0, "identity")
    assert [faults(each) for each in (author, *definitions)] == [[], [], []]
    for definition, marking in zip(definitions, (rel_to.marking(["QM"]), pap.marking(Pap.RED)), strict=True):
        body = marking["extensions"][definition["id"]]
        assert jsonschema_rs.validator_for(orjson.loads(definition["schema"])).is_valid(body)
    assert json.loads(run("extension", "--json").stdout)["objects"] == [author, *definitions]


def test_make_prints_what_can_be_taken_in(home):
    answer = run("make", "--rel-to", "QN,qm", "--onward", "none", "--pap", "amber")
    assert [orjson.loads(line) for line in answer.stdout.splitlines()] == [
        rel_to.marking(["QM", "QN"], "none"),
        pap.marking(Pap.AMBER),
    ]
    taken = CliRunner().invoke(hilf, ["import", "-", "--home", str(home.path)], input=answer.stdout)
    assert taken.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "markings.nothing-to-make"),
        (("--pap", "purple"), "markings.pap"),
        (("--rel-to", "everybody"), "markings.rel-to"),
    ],
)
def test_make_says_what_is_wrong(arguments, code):
    answer = run("make", *arguments)
    assert answer.exit_code == 2
    assert code in answer.output


def test_show_tells_how_the_markings_are_read_and_a_mapping_changes_it(home):
    made = indicator(
        object_marking_refs=[Tlp.GREEN.marking_id, pap.marking(Pap.RED)["id"]],
        labels=['nato:classification="NR"', "apt"],
    )
    bundle = b"\n".join(map(orjson.dumps, (pap.marking(Pap.RED), made)))
    assert CliRunner().invoke(hilf, ["import", "-", "--home", str(home.path)], input=bundle).exit_code == 0
    asked = ("show", made["id"], "--home", str(home.path), "--json")
    words = {"asserter": home.node, "tlp": "green", "pap": "red",
             "markings": ["TLP:GREEN", "PAP:RED", 'classified nato:classification="NR"'], "redacted": False}  # fmt: skip
    assert json.loads(run(*asked).stdout) == {"object": made["id"], "assertions": [words]}
    with (home.path / "hilf.toml").open("a") as settings:
        settings.write("mapped_markings = 'nato:classification=\"NR\"=amber+strict'\n")
    words |= {"tlp": "amber+strict", "markings": ["TLP:GREEN", "label TLP:AMBER+STRICT", "PAP:RED"]}
    assert json.loads(run(*asked).stdout)["assertions"] == [words]
    assert "TLP:AMBER+STRICT, PAP:RED." in run(*asked[:-1]).output


def test_show_says_that_there_is_no_such_object(home):
    answer = run("show", "indicator--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02", "--home", str(home.path))
    assert (answer.exit_code, "markings.unknown-object" in answer.output) == (2, True)
