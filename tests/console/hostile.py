"""Objects of somebody who means harm: each member holds a trap that a page must show as text."""

from collections.abc import Mapping

SCRIPT = "<script>alert(1)</script>"
SVG = "<svg onload=alert(2)><a xlink:href='javascript:alert(3)'>x</a></svg>"
LINK = "[your bank](https://evil.example/login)"
FORMULA = '=HYPERLINK("https://evil.example","x")'
TURNED = "invoice\u202egnp.exe"
LOOK_ALIKE = "p\u0430ypal.example"  # the second letter is Cyrillic
BROKEN = "\ud800"
STAMP = "2026-11-01T09:00:00.000Z"


def indicator(n: int, **more: object) -> dict[str, object]:
    """An indicator with the number in its id and value."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--00000000-0000-4000-8000-{n:012d}",
        "created": STAMP,
        "modified": STAMP,
        "name": f"beacon {n}",
        "pattern": f"[ipv4-addr:value = '198.51.100.{n % 250}']",
        "pattern_type": "stix",
        "valid_from": STAMP,
        **more,
    }


def every() -> list[Mapping[str, object]]:
    """One object for each trap."""
    return [
        indicator(1, name=SCRIPT, description=SVG, labels=[SCRIPT]),
        indicator(2, name=LINK, description=f"![x](javascript:alert(4)) {LINK}"),
        indicator(3, name=FORMULA, labels=["@SUM(1+1)*cmd|' /C calc'!A0"]),
        indicator(4, name=TURNED),
        indicator(5, name="N" * 1_000_000),
        indicator(6, name=LOOK_ALIKE, pattern=f"[domain-name:value = '{LOOK_ALIKE}']"),
        indicator(
            7, name='"><img src=x onerror=alert(5)>', description="{{ settings.SECRET_KEY }} {% load x %}"
        ),
        indicator(8, name="unseen\u200bletters \u2066turned\u2069"),
    ]
