import pytest

from hilf.lists.fold import folded, stands_alone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ministry of Energy", "MINISTRY-OF_ENERGY"),
        ("Straße", "STRASSE"),
        ("Énergie", "energie"),
        ("ＢＡＮＫ", "bank"),
        ("ba\u00adnk", "bank"),
        ("b\u202eank", "bank"),
        ("Bаnk", "Bank"),  # a Cyrillic а
        ("بَنْك", "بنك"),
        ("بنـــك", "بنك"),
        ("وزارة الطاقة", "وزاره الطاقه"),
        ("إدارة", "اداره"),
        ("ﻭﺯﺍﺭﺓ", "وزارة"),
        ("مصطفى", "مصطفي"),
        ("المرکزی", "المركزي"),
        ("طاقة ٢٠", "طاقة 20"),
        ("ΝΙΚΗ", "νίκη"),
    ],
)
def test_a_name_is_one_however_it_is_written(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("Bank", "Bunk"), ("بنك", "بيت"), ("株式", "株価"), ("1", "2")])
def test_other_names_stay_apart(one, other):
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("text", "name", "alone"),
    [
        ("Aman", "aman", True),
        ("by Aman, again", "aman", True),
        ("Aman's", "aman", True),
        ("Amanda", "aman", False),
        ("Baraman", "aman", False),
        ("Aman2", "aman", False),
        ("لوزارة الطاقة", "وزاره الطاقه", True),
        ("والوزارة", "وزاره", True),
        ("قوزارة", "وزاره", False),
        ("وزارتنا", "وزار", False),
        ("日本電力会社", "電力", True),
        ("한국전력이", "한국전력", True),
    ],
)
def test_a_name_stands_as_words_of_its_own(text, name, alone):
    words, name = folded(text), folded(name)
    start = words.index(name)
    assert stands_alone(words, start, start + len(name)) is alone
