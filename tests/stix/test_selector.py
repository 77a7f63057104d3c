import pytest

from hilf.stix.selector import covers, resolves, steps_to, value_at

MADE = {"name": "x", "labels": ["a", "b"], "own": {"deep.er": 1, "list": [{"y": None}]}, "[0]": "odd"}


@pytest.mark.parametrize("selector", ["name", "labels", "labels.[1]", "own.list.[0].y", "[0]"])
def test_selector_leads_to_something(selector: str) -> None:
    assert resolves(MADE, selector)


@pytest.mark.parametrize("selector", ["", "nam", "labels.[2]", "labels.1", "labels.[-1]", "name.x", "own.deep.er", "own.[0]",
                                      "labels.[99999999999]", "labels.[1].x"])  # fmt: skip
def test_selector_leads_to_nothing(selector: str) -> None:
    assert not resolves(MADE, selector)


def test_selector_covers_what_stands_inside() -> None:
    assert covers("labels", "labels.[1]")
    assert covers("labels", "labels")
    assert not covers("labels", "labels_of_others")
    assert not covers("labels.[1]", "labels")


def test_steps_lead_to_the_value() -> None:
    assert steps_to(MADE, "own.list.[00].y") == ("own", "list", 0, "y")
    assert steps_to(MADE, "own.lists") is None
    assert [value_at(MADE, each) for each in ("labels", "labels.[1]", "own.list.[0]", "labels.[2]", "")] == [
        ["a", "b"], "b", {"y": None}, None, None,
    ]  # fmt: skip
