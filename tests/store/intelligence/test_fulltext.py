import pytest

from hilf.store import database
from hilf.store.intelligence import erase, fulltext, search
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, identifier, indicator

pytestmark = pytest.mark.usefixtures("store")


def write(*assertions):
    with database.transaction():
        return write_assertions(assertions, KEY)


def fill(limit=fulltext.BATCH):
    with database.transaction():
        return fulltext.fill(limit)


def found(text):
    return [each.stix_id for each in search.find((), KEY, text).objects]


def ids(*numbers):
    return [identifier("indicator", n) for n in numbers]


def test_filling_goes_on_where_it_stopped_and_ends_with_nothing():
    write(*(indicator(n, name=f"word{n}") for n in (1, 2, 3)))
    assert [fulltext.waiting(), fill(2), fulltext.waiting(), fill(2), fill(2), fulltext.waiting()] == [
        3,
        2,
        1,
        1,
        0,
        0,
    ]
    assert found("word3") == ids(3)


def test_nothing_waits_when_the_last_rows_were_taken_back():
    write(indicator(1), indicator(2))
    with database.transaction():
        erase.remove([1, 2], KEY)
    assert [fulltext.waiting(), fill(), fulltext.waiting()] == [2, 0, 0]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Pegasus Spyware", "spyware pegasus"),
        ("evil.example/path", "evil.example"),
        ("naïve Café", "NAIVE cafe"),
        ("بَيْغَاسُوس", "بيغاسوس"),
        ("أداة", "اداة"),
        ("snake_case_name", "snake_case"),
        ("10.0.0.1", "10.0.0.1"),
        ('O\'Reilly "quoted" (x) * AND OR NOT NEAR', 'not "quoted" near*'),
        ("nul\0inside", "nul"),
        ("a & b | !c <-> d", "a & b"),
    ],
)
def test_words_are_found_however_they_are_written(written, asked):
    write(indicator(1, name=written), indicator(2, name="nothing of it"))
    fill()
    assert found(asked) == ids(1)


def test_words_that_hang_together_must_stand_together():
    write(indicator(1, name="example evil"), indicator(2, name="evil.example"))
    fill()
    assert found("evil.example") == ids(2)
    assert found("evil example") == ids(2, 1)


def test_what_was_quarantined_hidden_or_older_is_not_found():
    write(indicator(1, 1, name="unique"), indicator(2, name="unique"))
    write(indicator(1, 2, name="changed"), indicator(2, name="unique but other"))
    fill()
    assert found("unique") == ids(2)
    with database.transaction():
        erase.hide([2])
    assert found("unique") == []


def test_what_is_hidden_before_it_is_filled_never_enters_the_index():
    write(indicator(1, name="unique"))
    with database.transaction():
        erase.hide([1])
    fill()
    condition, parameter = fulltext.condition("unique")
    assert database.rows(condition, (parameter,)) == []


def test_a_new_spelling_fills_the_index_anew():
    write(indicator(1, name="word"))
    fill()
    database.execute("UPDATE counter SET value = value - 1 WHERE name = 'fulltext edition'")
    assert fill() == 1
    assert found("word") == ids(1)


def test_the_spelling_of_this_edition_is_fixed():
    """Change it, and raise EDITION: words already in an index could not be taken out any more."""
    text = "Ünïcode  Ａ１, snake_case; بَيْغَاسُوس ـ 10.0.0.1\n"
    assert (fulltext.EDITION, fulltext.spelt(text)) == (1, "unicode a1 snake case بيغاسوس 10 0 0 1")
    body = b'{"type":"x-a","id":"x","name":"N","description":"D e","labels":["l"],"created":"2020-01-01T00:00:00Z"}'
    assert fulltext.words_of(body) == "n l d e"


def test_a_text_of_any_length_can_be_indexed():
    write(
        indicator(1, name="word " * 200_000),
        indicator(2, name="x" * 300_000),
        indicator(3, name="ع" * 400_000),
    )
    assert fill() == 3
    assert found("word") == ids(1)
