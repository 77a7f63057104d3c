import pytest

from hilf.errors import CallerFault
from tests.conftest import NOW
from tests.nations import agreed_nations, made_nations, nations  # noqa: F401


def test_recipients_are_named_one_by_one_all_at_once_or_by_their_agreement(nations):  # noqa: F811
    from hilf.node import life
    from hilf.node.recipients import named

    qm, qn, qo = nations
    home = qn.home()
    (held,) = life.in_force_with(home, qo.node, NOW)
    assert named(home, [qo.node, qm.node, qo.node], None, NOW) == (qo.node, qm.node)
    assert named(home, ["all"], None, NOW) == (qm.node, qo.node)
    assert named(home, [], held.accord.id, NOW) == (qo.node,)


@pytest.mark.parametrize(
    ("nodes", "accord", "code"),
    [
        ([], None, "release.no-recipient"),
        (["cert.qq.example"], None, "release.unknown-node"),
        ([], "accord--x", "accord.not-in-force"),
    ],
)
def test_nobody_is_no_recipient(nations, nodes, accord, code):  # noqa: F811
    from hilf.node.recipients import named

    with pytest.raises(CallerFault) as refused:
        named(nations[0].home(), nodes, accord, NOW)
    assert refused.value.code == code
