import pytest
from pytaxonomies import Taxonomies

from hilf.errors import OperatorFault
from hilf.markings import classification
from hilf.markings.iep import Actions, Say
from hilf.markings.pap import Pap, of_word
from hilf.markings.tlp import WORDS, Tlp
from hilf.markings.vocabulary import Word, words

READ = ("tlp", "PAP", "iep2-policy", "acs-marking", *classification.OPEN)


@pytest.fixture(scope="module")
def theirs() -> Taxonomies:
    return Taxonomies()


@pytest.mark.parametrize("taxonomy", READ)
def test_tags_are_those_that_the_package_gives(taxonomy: str, theirs: Taxonomies) -> None:
    assert sorted(word.tag for word in words(taxonomy)) == sorted(theirs[taxonomy].machinetags())


def test_a_word_says_what_it_means() -> None:
    assert Word("nato", "classification", "NS", "NATO SECRET") in words("nato")
    assert [word.word for word in words("euci")] == ["TS-UE/EU-TS", "S-UE/EU-S", "C-UE/EU-C", "R-UE/EU-R"]


def test_what_a_word_means_stands_at_it_and_is_empty_where_the_vocabulary_says_no_more() -> None:
    assert words("euci")[0] == Word("euci", "TS-UE/EU-TS", None, "TRES SECRET UE/EU TOP SECRET")
    bare = {word.value is None for word in words("poison-taxonomy") if word.expanded == ""}
    assert bare == {True, False}


def test_levels_of_tlp_are_those_of_the_vocabulary() -> None:
    said = {word.word for word in words("tlp")}
    assert {word: level for word, level in WORDS.items() if word in said} == WORDS
    assert said - WORDS.keys() == {"ex:chr", "unclear"}
    assert {level.word for level in Tlp} | {"white"} == set(WORDS)


def test_levels_of_pap_are_those_of_the_vocabulary() -> None:
    assert {of_word(word.word) for word in words("PAP")} == set(Pap)
    assert {word.tag for word in words("PAP")} == {level.label for level in Pap} | {"PAP:WHITE"}
    assert of_word("WHITE") is Pap.CLEAR


def test_words_of_an_iep_are_those_of_the_vocabulary() -> None:
    def said(predicate: str) -> set[str | None]:
        return {word.value for word in words("iep2-policy") if word.predicate == predicate}

    assert said("permitted_actions") == {action.word for action in Actions}
    assert said("attribution") == {say.word for say in Say}
    assert said("encrypt_in_transit") == {"may", "must"}
    assert said("affected_party_notifications") == said("unmodified_resale") == {"may", "must-not"}
    assert said("tlp") == {"red", "amber", "green", "white"}


def test_words_that_classify_nothing_stand_in_the_vocabulary() -> None:
    for scheme, opened in classification.OPEN.items():
        assert opened <= {word.word for word in words(scheme)}


def test_a_vocabulary_that_is_not_there_says_what_to_install() -> None:
    with pytest.raises(OperatorFault) as fault:
        words("no-such-vocabulary")
    assert fault.value.code == "markings.vocabulary-missing"
