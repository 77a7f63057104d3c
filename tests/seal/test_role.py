import pytest

from hilf.errors import PartnerFault
from hilf.seal import role
from hilf.seal.record import TYPES
from tests.homes import Partner, key

EVERYTHING = sorted(TYPES)


@pytest.mark.parametrize(
    ("roles", "types"),
    [
        (["accord"], ["accord", "suspension", "withdrawal"]),
        (["approval"], ["approval"]),
        (["verification"], ["suspension", "verification"]),
        (["retraction"], ["retraction"]),
        (["release"], ["approval", "retraction"]),
        (["accord", "release"], ["accord", "approval", "retraction", "suspension", "withdrawal"]),
        (["auditor"], []),
        (["auditor", "approval"], ["approval"]),
        (["Approval"], []),
        (role.ROLES, EVERYTHING),
        ([], EVERYTHING),
    ],
)
def test_an_officer_signs_what_the_roles_grant(roles, types):
    assert [type_ for type_ in EVERYTHING if role.grants(roles, type_)] == types


def test_a_type_that_nobody_knows_is_granted_to_whoever_has_no_roles_only():
    assert (role.grants(role.ROLES, "king"), role.grants([], "king")) == (False, True)


def test_officer_without_the_role_is_named_and_the_node_key_has_no_roles():
    document = Partner().document().newest
    officer, online = key("cert.qn.example officer"), key("cert.qn.example online 1")
    role.check(document, officer.kid, "verification")
    role.check(document, online.kid, "accord")
    with pytest.raises(PartnerFault) as caught:
        role.check(document, officer.kid, "accord")
    assert (caught.value.rule, caught.value.detail) == ("accord: role", "officer: verification")
