"""People who sign in: links that count once, the last administrator, and keys that are one person's for ever."""

from datetime import timedelta

import pytest

from hilf.access.role import Role
from hilf.errors import CallerFault, Refusal
from hilf.node import peer, user
from hilf.store.people import account
from tests.conftest import NOW


def test_a_link_sets_a_password_once(home):
    invited = user.add("amal", [Role.ANALYST], "ar", NOW)
    assert not invited.account.has_password
    assert user.waiting(invited.token, NOW).name == "amal"
    assert user.accept(invited.token, "words that nobody guesses", NOW).name == "amal"
    assert user.named("amal").has_password
    with pytest.raises(Refusal, match="counts no longer"):
        user.accept(invited.token, "words that nobody guesses", NOW)


def test_a_link_counts_for_three_days(home):
    invited = user.add("amal", [Role.ANALYST], "ar", NOW)
    user.waiting(invited.token, invited.expires)
    with pytest.raises(Refusal):
        user.waiting(invited.token, invited.expires + timedelta(seconds=1))


def test_a_new_link_ends_the_old_one_and_the_password(home):
    first = user.add("amal", [Role.ANALYST], "ar", NOW)
    user.accept(first.token, "words that nobody guesses", NOW)
    second = user.invite("amal", NOW)
    assert not user.named("amal").has_password
    third = user.invite("amal", NOW)
    with pytest.raises(Refusal):
        user.waiting(second.token, NOW)
    assert user.waiting(third.token, NOW).name == "amal"


def test_the_link_of_who_was_disabled_counts_no_longer(home):
    invited = user.add("amal", [Role.ANALYST], "ar", NOW)
    user.set_enabled("amal", enabled=False)
    with pytest.raises(Refusal):
        user.waiting(invited.token, NOW)
    with pytest.raises(Refusal, match="may not sign in"):
        user.invite("amal", NOW)


def test_only_the_hash_of_a_link_is_kept(home):
    invited = user.add("amal", [Role.ANALYST], "ar", NOW)
    assert invited.token.encode() not in (home.path / "hilf.sqlite3-wal").read_bytes()


@pytest.mark.parametrize(
    "take", [lambda: user.set_roles("admin", [Role.VIEWER]), lambda: user.set_enabled("admin", enabled=False)]
)
def test_there_is_always_an_administrator(home, take):
    with pytest.raises(Refusal) as refused:
        take()
    assert refused.value.code == "user.last-admin"
    user.add("second", [Role.ADMIN], "en", NOW)
    take()


@pytest.mark.parametrize("name", ["", "two words", "a" * 151, "<b>", "a/b"])
def test_names_are_words(home, name):
    with pytest.raises(CallerFault) as fault:
        user.add(name, [], "en", NOW)
    assert fault.value.code == "user.name"


def test_a_name_is_given_once(home):
    user.add("amal", [], "en", NOW)
    with pytest.raises(CallerFault, match="already"):
        user.add("amal", [], "en", NOW)


def test_roles_are_named_by_their_words():
    assert user.role_named("key-officer") is Role.KEY_OFFICER
    assert user.role_named(" Admin ") is Role.ADMIN
    with pytest.raises(CallerFault, match="no role"):
        user.role_named("root")


def test_a_key_is_one_persons_for_ever(two_officers):
    for name in ("one", "two"):
        user.add(name, [Role.RELEASER], "en", NOW)
    assert user.bind(two_officers, "one", "officer", NOW).kid
    user.bind(two_officers, "one", "amal", NOW)
    with pytest.raises(Refusal) as refused:
        user.bind(two_officers, "two", "officer", NOW)
    assert refused.value.code == "user.officer-taken"
    assert user.bind(two_officers, "one", None, NOW).kid is None
    assert user.bind(two_officers, "one", "officer", NOW).kid


def test_nobody_is_bound_to_a_key_that_is_no_officers(two_officers):
    with pytest.raises(Refusal, match="no officer"):
        user.bind(two_officers, "admin", "nobody", NOW)


def test_two_keys_of_one_person_are_one_officer(two_officers, officer_keys, qn):
    """By whichever path the second signature comes: the verb refuses it, so the command line does too."""
    peer.add(two_officers, qn.card, NOW)
    user.add("one", [Role.LIAISON], "en", NOW)
    user.bind(two_officers, "one", "officer", NOW)
    user.bind(two_officers, "one", "amal", NOW)
    peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    with pytest.raises(Refusal) as refused:
        peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["amal"], NOW)
    assert refused.value.code == "officer.same-person"


def test_everybody_is_listed_with_officer_and_state(two_officers):
    user.add("amal", [Role.RELEASER, Role.ANALYST], "ar", NOW)
    user.bind(two_officers, "amal", "amal", NOW)
    listed = {each.account.name: each for each in user.listed(two_officers)}
    assert listed["amal"].officer == "amal"
    assert listed["amal"].account.roles == ("analyst", "releaser")
    assert listed["amal"].invited_until == NOW + user.LIFETIME
    assert listed["admin"].account.roles == ("admin",)
    assert not listed["admin"].has_factor


def test_a_second_factor_is_forgotten_with_a_new_link(home):
    assert account.with_factors() == frozenset()
    assert account.forget_factors(1) == 0
