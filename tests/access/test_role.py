"""Roles: denied unless a role says otherwise, and some roles never together."""

from hypothesis import given
from hypothesis import strategies as st

from hilf.access.role import NEVER_ADMIN, NEVER_AUDITOR, POWERS, Power, Role, powers

ROLES = st.frozensets(st.sampled_from(Role))


def test_nobody_may_do_anything_without_a_role() -> None:
    assert powers(()) == frozenset()


@given(ROLES)
def test_an_administrator_neither_reads_red_nor_approves_whatever_else_he_is(roles: frozenset[Role]) -> None:
    assert not powers(roles | {Role.ADMIN}) & NEVER_ADMIN
    assert Power.USERS in powers(roles - {Role.AUDITOR} | {Role.ADMIN})


@given(ROLES)
def test_an_auditor_changes_nothing_whatever_else_he_is(roles: frozenset[Role]) -> None:
    assert not powers(roles | {Role.AUDITOR}) & NEVER_AUDITOR


@given(ROLES)
def test_no_set_of_roles_gives_what_none_of_them_gives(roles: frozenset[Role]) -> None:
    assert powers(roles) <= frozenset(power for role in roles for power in POWERS[role])
