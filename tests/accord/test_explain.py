import re
from pathlib import Path

from hilf.accord import explain

SOURCES = [
    path
    for path in Path(explain.__file__).parent.glob("*.py")
    if path.name not in ("explain.py", "ownership.py")
]
SLUGS = re.compile(r'"(accord\.[a-z-]+)"')


def test_every_rule_that_is_used_has_its_sentence_and_no_other() -> None:
    used = {slug for path in SOURCES for slug in SLUGS.findall(path.read_text(encoding="utf-8"))}
    assert sorted(used) == sorted(rule.slug for rule in (*explain.RULES, *explain.REFUSALS))


def test_every_rule_stands_once_with_a_sentence_and_a_source() -> None:
    rules = (*explain.RULES, *explain.REFUSALS)
    assert len({rule.slug for rule in rules}) == len(rules)
    assert [rule.slug for rule in rules if not rule.text.endswith(".") or not rule.source] == []
