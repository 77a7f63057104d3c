import pytest

from hilf.markings.classification import OPEN, of_tag, of_text
from hilf.markings.vocabulary import words


@pytest.mark.parametrize(
    ("label", "tag"),
    [
        ('nato:classification="NS"', 'nato:classification="NS"'),
        ("NATO:Classification=ns", 'nato:classification="NS"'),
        ('nato:classification="NU"', None),
        ("euci:R-UE/EU-R", "euci:R-UE/EU-R"),
        ('de-vs:Einstufung="VS-NfD"', 'de-vs:Einstufung="VS-NfD"'),
        ('fr-classif:non-classifiees="NON-PROTEGE"', None),
        ('dni-ism:classification:us="TS"', 'dni-ism:classification:us="TS"'),
        ('dni-ism:classification:us="U"', None),
        ('dni-ism:dissem="NF"', 'dni-ism:dissem="NF"'),
        ('nato:classification="X"', 'nato:classification="X"'),
        ("nato:", "nato:"),
        ("euci:EU-UNHEARD-OF", "euci:EU-UNHEARD-OF"),
        ("malware:nato", None),
        ("apt", None),
    ],
)
def test_tags_of_the_schemes_are_recognised_and_unknown_ones_of_them_count(
    label: str, tag: str | None
) -> None:
    assert of_tag(label) == tag


@pytest.mark.parametrize("scheme", OPEN)
def test_every_word_of_a_scheme_is_recognised_by_its_tag_and_by_its_name(scheme: str) -> None:
    for word in words(scheme):
        closed = word.word not in OPEN[scheme]
        assert of_tag(word.tag) == (word.tag if closed else None)
        if closed and scheme in ("nato", "euci", "de-vs", "fr-classif"):
            assert word.tag in of_text(word.expanded)
            assert word.tag in of_text(word.word)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("NATO RESTRICTED", ('nato:classification="NR"',)),
        ("This report is Nato-Secret, handle it so.", ('nato:classification="NS"',)),
        ("TRÈS SECRET UE/EU TOP SECRET", ('dni-ism:classification:all="TS"', 'dni-ism:classification:us="TS"', "euci:S-UE/EU-S", "euci:TS-UE/EU-TS", 'fr-classif:classifiees="TRES_SECRET"')),
        ("EU RESTRICTED", ("euci:R-UE/EU-R",)),
        ("Restreint UE", ("euci:R-UE/EU-R",)),
        ("S-UE/EU-S", ("euci:S-UE/EU-S",)),
        ("NATO UNCLASSIFIED", ()),
        ("GEHEIM", ('de-vs:Einstufung="GEHEIM"',)),
        ("Kein Geheimnis", ()),
        ("A trade secret of the finder", ()),
        ("Copyright 2026, QM", ()),
        ("Confidential", ('dni-ism:classification:all="C"', 'dni-ism:classification:us="C"')),
        ("Not confidential at all", ()),
        ("Not releasable to foreign nationals", ('dni-ism:dissem="NF"',)),
        ("", ()),
    ],
)  # fmt: skip
def test_names_of_several_words_count_anywhere_and_those_of_one_word_alone(
    text: str, tags: tuple[str, ...]
) -> None:
    assert of_text(text) == tags


@pytest.mark.parametrize("text", ["SECRET UE", "EU SECRET", "Secret UE/EU Secret"])
def test_a_name_in_two_languages_is_recognised_in_either(text: str) -> None:
    assert of_text(text) == ("euci:S-UE/EU-S",)
