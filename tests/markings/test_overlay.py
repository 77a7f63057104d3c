import pytest

from hilf.errors import CallerFault
from hilf.markings.overlay import ids, parse, words
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp


@pytest.mark.parametrize(
    ("text", "levels", "kept"),
    [
        ("tlp:green", (Tlp.GREEN,), "tlp:green"),
        ("AMBER+STRICT", (Tlp.AMBER_STRICT,), "tlp:amber+strict"),
        ("pap:red", (Pap.RED,), "pap:red"),
        ("PAP:White , TLP:Amber", (Tlp.AMBER, Pap.CLEAR), "tlp:amber,pap:clear"),
    ],
)
def test_levels_are_read_as_people_write_them(text: str, levels: tuple[Tlp | Pap, ...], kept: str) -> None:
    assert (parse(text), words(text), parse(kept)) == (levels, kept, levels)
    assert ids(text) == tuple(sorted(level.marking_id for level in levels))


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "markings.tlp"), ("tlp:green,", "markings.tlp"), ("pap:", "markings.pap"), ("rel:qm", "markings.tlp"),
     ("tlp:green,tlp:red", "markings.twice"), ("pap:red,pap:red", "markings.twice")],
)  # fmt: skip
def test_other_words_are_refused(text: str, code: str) -> None:
    with pytest.raises(CallerFault) as fault:
        parse(text)
    assert fault.value.code == code


def test_who_names_one_scheme_twice_is_told_what_to_write() -> None:
    with pytest.raises(CallerFault) as fault:
        parse(f"tlp:green,{' ' * 60}tlp:red")
    assert fault.value.lines() == (
        f"One scheme is named twice: {'tlp:green,' + ' ' * 50!r}.",
        "What is laid over has one level of TLP and one of PAP at most.",
        "Write for example tlp:amber,pap:red.",
        "[markings.twice]",
    )
