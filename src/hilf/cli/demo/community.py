"""The chapters of the demo in which three nations share: a question of consent, a community, a redaction, a departure."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hilf.cli.demo import content
from hilf.cli.demo.chapters import OFFICERS, Steps, cards, check, verify
from hilf.cli.demo.nation import Nation
from hilf.markings.tlp import Tlp
from hilf.node.home import now

PROTECTED = "seen by our source inside the operator"
"""A sentence of QM's report that is marked RED and must reach nobody."""


def consent(nations: Sequence[Nation]) -> Steps:
    """QN asks QM whether a GREEN indicator may go on to QO; QM's officer says yes; the agreement leaves no trace."""
    qm, qn, qo = nations
    yield "QN asks QM for its consent: a GREEN indicator is wanted by QO", partial(_ask, qm, qn, qo)
    yield "QM consents, for this version and this recipient", partial(_give, qm, qn, qo)
    yield "QN passes it on; QO holds it with QM's own proof", partial(_forward, qm, qn, qo)
    yield "no byte of the agreement between QM and QN is at QO", partial(_no_trace, qm, qn, qo)


def _asked_for() -> dict[str, Any]:
    green = [Tlp.GREEN.marking_id]
    return next(
        entry
        for entry in content.objects("QM", "", now())
        if entry["type"] == "indicator" and entry.get("object_marking_refs") == green
    )


def _ask(qm: Nation, qn: Nation, qo: Nation) -> str:
    identifier = _asked_for()["id"]
    shown = qn.hilf("release", "preview", "--to", qo.node, "--select", f"id:{identifier}").document
    (withheld,) = shown["withheld"]
    why = "They run the same pumps."
    asked = qn.hilf("consent", "ask", identifier, "--to", qo.node, "--why", why).document
    qn.hilf("sync", qm.node)
    return f"without it: {withheld['rule']}\nasked {qm.node}, to be answered by {asked['questions'][0]['answer_by']}"


def _give(qm: Nation, qn: Nation, qo: Nation) -> str:
    (question,) = qm.hilf("consent", "list").document["questions"]
    check(question["to"]["nodes"] == [qo.node], "QM is told to whom it would go")
    qm.hilf("consent", "give", question["question"], "--as", "officer", officer="officer")
    qm.hilf("sync", qn.node)
    (answered,) = qn.hilf("consent", "list").document["questions"]
    check(answered["state"] == "given", f"QN holds the consent (it is {answered['state']})")
    return "consent given by an officer, held by QN"


def _forward(qm: Nation, qn: Nation, qo: Nation) -> str:
    identifier = _asked_for()["id"]
    qn.send(qo, f"id:{identifier}")
    (line,) = qn.hilf("sync", qo.node).document["peers"]
    check(line["refused"] == 0, "QO refuses nothing")
    (held,) = qo.hilf("show", identifier).document["assertions"]
    check(held["asserter"] == qn.node, "it is QN that says it to QO")
    check(held["author"] == qm.node, f"QO knows by proof that QM wrote it ({held['author']})")
    return f"{identifier}: said by {qn.node}, written by {qm.node}, proven"


def _no_trace(qm: Nation, qn: Nation, qo: Nation) -> str:
    between = [
        a for a in qm.hilf("accord", "list").document["accords"] if set(a["parties"]) == {qm.node, qn.node}
    ]
    for accord in between:
        text = qm.hilf("accord", "show", accord["id"]).document
        for words in (accord["id"], text["document"]["community"]):
            check(qm.holds(words) and not qo.holds(words), "the agreement's ids are at QM and not at QO")
    return "searched QO's files for the agreement's id and its community"


def community(nations: Sequence[Nation]) -> Steps:
    """Three nations agree; a report goes to both others without its RED part; one leaves, and what it got is erased."""
    qm, qn, qo = nations
    yield "QM and QO, introduced by QN, verify each other", partial(_meet, qm, qo)
    yield "QN proposes a community of three, and all sign", partial(_found, qm, qn, qo)
    yield "QM sees its report before and after redaction, and sends it to both", partial(_redact, qm, qn, qo)
    yield "QO sees what its departure would do, and leaves", partial(_leave, qm, qn, qo)
    yield "what QO held under the community is erased and confirmed", partial(_erased, qm, qn, qo)


def _meet(qm: Nation, qo: Nation) -> str:
    cards(qm, qo)
    return verify(qm, qo)


def _found(qm: Nation, qn: Nation, qo: Nation) -> str:
    drafted = qn.hilf("accord", "draft", "--with", qm.node, "--with", qo.node, "--template", "community")
    accord = drafted.document["id"]
    qn.hilf("accord", "propose", accord)
    qn.hilf("sync")
    for nation in (qm, qo, qn):
        sign(nation, accord)
        nation.hilf("sync")
    qn.hilf("sync")
    for nation in (qm, qn, qo):
        states = {a["id"]: a["state"] for a in nation.hilf("accord", "list").document["accords"]}
        check(
            states[accord] == "in force", f"the community is in force for {nation.country} ({states[accord]})"
        )
    (qn.home.parent / "community").write_text(accord, encoding="utf-8")
    return f"{accord} in force for three, signed by six officers"


def sign(nation: Nation, accord: str) -> None:
    """Let both officers of a nation sign the newest text of an accord."""
    text = nation.hilf("accord", "show", accord).document["hash"]
    for officer in OFFICERS:
        nation.hilf("accord", "sign", accord, "--as", officer, "--text", text, officer=officer)


def _redact(qm: Nation, qn: Nation, qo: Nation) -> str:
    report = content.report("QM", qm.author(), now(), PROTECTED)
    identifier, name = str(report["id"]), str(report["name"])
    file = qm.home.parent / "report.json"
    file.write_bytes(content.bundle([report]))
    qm.hilf("import", str(file), "--source", "own")
    select = f"id:{identifier}"
    for other in (qn, qo):
        shown = qm.hilf("release", "preview", "--to", other.node, "--select", select).document
        check([each["selectors"] for each in shown["redacted"]] == [["description"]], "its RED part stays")
        qm.send(other, select)
        qm.hilf("sync", other.node)
        check(other.holds(name), f"{other.country} holds the report")
        check(
            qm.holds(PROTECTED) and not other.holds(PROTECTED),
            f"the RED part is in no byte at {other.country}",
        )
    return "redacted: description (TLP:RED); the rest is held by QN and QO, with QM's proof of what they hold"


def _leave(qm: Nation, qn: Nation, qo: Nation) -> str:
    accord = (qn.home.parent / "community").read_text(encoding="utf-8")
    before = qo.hilf("accord", "effects", accord, "--end").document["nodes"]
    for officer in OFFICERS:
        qo.hilf("accord", "end", accord, "--as", officer, officer=officer)
    qo.hilf("sync")
    for nation in (qm, qn):
        shown = nation.hilf("accord", "show", accord).document
        check(shown["left"] == [qo.node], f"{nation.country} sees that QO has left ({shown['left']})")
        check(shown["state"] == "in force", f"the community goes on for {nation.country} ({shown['state']})")
    told = ", ".join(f"from {node['node']}: {node['retracted']['count']}" for node in before)
    return f"what QO would take back itself: {told}\nthe community goes on between QM and QN"


def _erased(qm: Nation, qn: Nation, qo: Nation) -> str:
    report = content.report("QM", "", now(), PROTECTED)
    identifier, name = str(report["id"]), str(report["name"])
    for nation in (qm, qo, qm):
        nation.hilf("worker", "--once")
    (node,) = [n for n in qm.hilf("retract", "status", identifier).document["nodes"] if n["node"] == qo.node]
    check(not qo.holds(name), "no byte of the report is left at QO")
    check(qn.holds(name), "QN, which stays, still holds it")
    return f"{qo.node}: {node['state']}; {qn.node} stays in the community and keeps it"


CHAPTERS: Sequence[tuple[str, Callable[[Sequence[Nation]], Steps]]] = (
    ("6. A question of consent", consent),
    ("7. A community of three", community),
)
