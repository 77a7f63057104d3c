import pytest

from hilf.errors import CallerFault
from hilf.stix.select import FIELDS, parse, render
from hilf.store import database
from hilf.store.intelligence import erase, fulltext, imports, read, search
from hilf.store.intelligence.index import id_key
from hilf.store.intelligence.selection import compile_terms
from hilf.store.intelligence.write import write_assertions
from tests.conftest import NODE
from tests.store.intelligence.material import KEY, QN, assertion, identifier, indicator, speaking_of

pytestmark = pytest.mark.usefixtures("store")
DAY = 86_400_000_000
RED, GREEN = 4, 1


def write(*assertions):
    with database.transaction():
        return write_assertions(assertions, KEY)


def select(text):
    return [each.stix_id for each in reversed(search.find(parse(text), KEY).objects)]


def url_indicator(number, value, **members):
    return indicator(number, pattern=f"[url:value = '{value}']", pattern_type="stix", **members)


def ids(*numbers):
    return [identifier("indicator", n) for n in numbers]


def test_a_value_finds_every_assertion_of_it_newest_first():
    write(url_indicator(1, "http://evil.example/a"), url_indicator(2, "http://evil.example/b"))
    write(url_indicator(3, "hxxp://EVIL[.]example/a"), url_indicator(1, "http://evil.example/a", asserter=QN))
    found = speaking_of("http://evil.example/a")
    assert [(each.stix_id, each.asserter) for each in found] == [
        (identifier("indicator", 1), QN),
        (identifier("indicator", 3), NODE),
        (identifier("indicator", 1), NODE),
    ]
    assert [each.seq for each in search.find(parse("value:http://evil.example/a"), KEY, limit=1).objects] == [
        4
    ]


def test_a_value_that_shares_its_key_with_another_is_not_found_for_it():
    write(url_indicator(1, "http://evil.example/a"))
    database.execute("UPDATE observable SET value = 'http://other.example/'")
    assert speaking_of("http://evil.example/a") == ()


def test_another_secret_finds_nothing_so_keys_cannot_be_guessed():
    write(url_indicator(1, "http://evil.example/a"))
    assert speaking_of("http://evil.example/a", bytes(32)) == ()


def test_older_hidden_and_quarantined_versions_are_not_found_by_value():
    write(url_indicator(1, "http://evil.example/a"), url_indicator(2, "http://evil.example/a"))
    write(indicator(1, 2, name="no value any more"))
    with database.transaction():
        erase.hide([2])
    assert speaking_of("http://evil.example/a") == ()


def test_relations_are_found_from_both_ends():
    a, b = identifier("indicator", 1), identifier("malware", 2)
    relation = assertion("relationship", 3, 1, source_ref=a, target_ref=b, relationship_type="indicates")
    write(indicator(1), assertion("malware", 2, 1), relation, assertion("report", 4, 1, object_refs=[a, b]))
    assert [(prop, each.stix_id) for prop, each in search.pointing_to(b, KEY)] == [
        ("object_refs", identifier("report", 4)),
        ("target_ref", relation.stix_id),
    ]
    (_, found), *_ = search.pointing_to(a, KEY)[1:]
    assert search.pointed_to(found) == (("source_ref", a), ("target_ref", b))


def test_an_id_that_shares_its_key_with_a_target_is_not_pointed_to():
    a, b = identifier("indicator", 1), identifier("malware", 2)
    write(assertion("relationship", 3, 1, source_ref=a, target_ref=b, relationship_type="indicates"))
    database.execute("UPDATE reference SET target_key = %s", (id_key(identifier("malware", 9), KEY),))
    assert search.pointing_to(identifier("malware", 9), KEY) == ()


def test_pages_by_seq_miss_nothing_and_repeat_nothing():
    write(*(indicator(n) for n in range(1, 8)))
    selection = compile_terms((), KEY)

    def paged(**how):
        pages = read.pages(selection.condition, selection.parameters, **how)
        return [[each.seq for each in page] for page in pages]

    assert paged(page=3) == [[1, 2, 3], [4, 5, 6], [7]]
    assert paged(after_seq=5, page=1) == [[6], [7]]


def test_no_terms_with_an_asserter_mean_what_it_says():
    write(indicator(1), indicator(2, asserter=QN))
    ours = compile_terms((), KEY, QN)
    assert [e.stix_id for page in read.pages(ours.condition, ours.parameters) for e in page] == ids(2)


FIELD_CASES = {
    "type": ("type:malware,tool", "type:indicator"),
    "id": (f"id:{identifier('indicator', 1)}", f"id:{identifier('indicator', 9)}"),
    "label": ("label:apt,other", "label:AP"),
    "marking": ("marking:tlp:red", "marking:green"),
    "modified": ("modified:1970-01-03", "modified>1970-01-03"),
    "created": ("created<=1970-01-02", "created<1970-01-02"),
    "received": ("received>=1970-01-05T00:00:00Z", "received<1970-01-05"),
    "value": ("value:hxxp://evil[.]example/a", "value:http://good.example/"),
    "owner": (f"owner:{QN}", f"owner:{NODE}"),
    "source": ("source:feed", "source:other"),
    "partner": (f"partner:{NODE}", f"partner:{QN}"),
    "accord": ('accord:accord--1 accord:"accord--1 3"', "accord:accord--"),
    "technique": ("technique:t1059", "technique:T1059.001"),
    "sector": ("sector:energy", "sector:water"),
    "confidence": ("confidence>=80 confidence:80", "confidence<80"),
    "lang": ("lang:ar", "lang:en"),
    "text": ('text:"PEGASUS spyware"', "text:candiru"),
    "revoked": ("revoked:true", "revoked:false"),
    "exercise": ("exercise:true", "exercise:false"),
}


def described():
    """An assertion in which every field of the select language says something."""
    import_id = imports.start("file", "feed", None, 0)
    columns = {
        "tlp": RED,
        "author": QN,
        "accord": "accord--1 3",
        "exercise": "exercise--1",
        "import_id": import_id,
    }
    made = url_indicator(
        1, "http://evil.example/a", labels=["apt"], sectors=["energy"], confidence=80, lang="ar", revoked=True,
        name="Pegasus, the spyware", external_references=[{"source_name": "mitre-attack", "external_id": "T1059"}],
        columns=columns,
    )  # fmt: skip
    return made._replace(type="malware", modified=2 * DAY, created=DAY, received=4 * DAY + 1)


def test_every_field_of_the_language_has_a_case():
    assert sorted(FIELD_CASES) == sorted(FIELDS)


def test_each_field_selects_what_it_says_and_its_negation_the_rest():
    with database.transaction():
        made = described()
    write(made)
    with database.transaction():
        fulltext.fill()
    one, none = [made.stix_id], []
    found = {f: (select(hit), select(miss), select(f"-{miss}")) for f, (hit, miss) in FIELD_CASES.items()}
    assert found == dict.fromkeys(FIELD_CASES, (one, none, one))
    negated = {f: [select(f"-{term}") for term in terms_in(hit)] for f, (hit, _) in FIELD_CASES.items()}
    assert negated == {f: [none] * len(terms_in(hit)) for f, (hit, _) in FIELD_CASES.items()}


def terms_in(text):
    return [render((term,)) for term in parse(text)]


def test_terms_mean_and_and_values_mean_any():
    write(indicator(1, labels=["a"]), indicator(2, labels=["b"]), indicator(3, labels=["a", "b"]))
    assert select("label:a,b") == ids(1, 2, 3)
    assert select("label:a label:b") == ids(3)
    assert select("label:a -label:b") == ids(1)


def test_an_object_without_tlp_counts_as_amber_strict():
    write(indicator(1), indicator(2, columns={"tlp": RED}), indicator(3, columns={"tlp": 3}))
    assert select("marking:amber+strict") == ids(1, 3)
    assert select("-marking:red,green") == ids(1, 3)


def test_a_marking_is_also_selected_by_the_id_of_its_definition():
    statement, other = identifier("marking-definition", 1), identifier("marking-definition", 2)
    write(
        indicator(1, object_marking_refs=[statement]),
        indicator(2, columns={"overlay": (statement,)}),
        indicator(3),
    )
    assert select(f"marking:{statement}") == ids(1, 2)
    assert select(f"-marking:{statement}") == ids(3)
    assert select(f"marking:{other},amber+strict") == ids(1, 2, 3)


def test_an_unknown_level_is_refused_with_what_there_is():
    with pytest.raises(CallerFault):
        select("marking:purple")


def test_a_date_is_the_whole_day_and_a_time_that_instant():
    write(indicator(1, DAY), indicator(2, DAY + 1), indicator(3, 2 * DAY - 1), indicator(4, 2 * DAY))
    assert select("modified:1970-01-02") == ids(1, 2, 3)
    assert select("modified:1970-01-02T00:00:00Z") == ids(1)
    assert select("modified>1970-01-02") == ids(4)
    assert select("modified<=1970-01-02") == ids(1, 2, 3)
    assert select("modified>1970-01-02T00:00:00Z modified<1970-01-03") == ids(2, 3)


def test_objects_without_modified_do_not_meet_a_time_and_meet_its_negation():
    write(indicator(1, None))
    assert select("modified>=1970-01-01") == []
    assert select("-modified>=1970-01-01") == ids(1)


def test_find_gives_the_newest_first_with_the_total_and_goes_on_by_key():
    write(*(indicator(n, labels=["even"] if n % 2 == 0 else []) for n in range(1, 8)))
    first = search.find(parse("label:even"), KEY, limit=2)
    assert (first.total, [each.stix_id for each in first.objects]) == (3, ids(6, 4))
    second = search.find(parse("label:even"), KEY, limit=2, before_seq=first.objects[-1].seq)
    assert [each.stix_id for each in second.objects] == ids(2)
    assert [each.stix_id for each in search.find(parse("type:indicator"), KEY, limit=1).objects] == ids(7)


def test_find_counts_so_far_and_says_when_there_is_more():
    with database.transaction():
        write_assertions([indicator(n, labels=["a"]) for n in range(search.COUNTED + 1)], KEY)
    for terms in ("", "label:a"):
        found = search.find(parse(terms), KEY, limit=1)
        assert (found.total, found.is_at_least, len(found.objects)) == (search.COUNTED, True, 1)
    assert search.find(parse("type:malware"), KEY).is_at_least is False


def test_a_page_of_words_goes_on_by_key():
    write(*(indicator(n, name="Pegasus") for n in range(1, 6)))
    with database.transaction():
        fulltext.fill()
    first = search.find((), KEY, "pegasus", limit=2)
    second = search.find((), KEY, "pegasus", limit=5, before_seq=first.objects[-1].seq)
    assert [e.stix_id for e in (*first.objects, *second.objects)] == ids(5, 4, 3, 2, 1)
    assert (first.total, second.total) == (5, 5)


def test_find_by_text_says_how_many_wait_for_the_index():
    write(indicator(1, name="Pegasus one"), indicator(2, name="Pegasus two"))
    with database.transaction():
        assert fulltext.fill(1) == 1
    found = search.find((), KEY, "pegasus")
    assert (found.total, [each.stix_id for each in found.objects], found.waiting) == (1, ids(1), 1)
    assert search.find((), KEY).waiting == 0
    assert search.find((), KEY, "!?") == search.Found(0, ())
