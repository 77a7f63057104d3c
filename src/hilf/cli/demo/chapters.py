"""The chapters of the demo: each gives its steps, a name and an act that checks itself and says what it saw."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from hilf.cli.demo.content import bundle, objects, protected_words
from hilf.cli.demo.nation import Nation
from hilf.errors import OperatorFault
from hilf.markings.tlp import Tlp
from hilf.node.home import now

Steps = Iterator[tuple[str, Callable[[], str]]]
OFFICERS = ("officer", "second")


def check(held: bool, what: str) -> None:
    """Refuse to go on when what the story claims is not so."""
    if not held:
        raise OperatorFault(
            "demo.claim",
            f"Not as told: {what}.",
            "The demo checks what it tells.",
            "Report it with the output above.",
        )


def homes(nations: Sequence[Nation]) -> Steps:
    """Each nation makes a node with two officers and starts it."""
    for nation in nations:
        yield f"{nation.country} makes a node", partial(_init, nation)
    for nation in nations:
        yield f"{nation.country} names a second officer and starts", partial(_second, nation)


def _init(nation: Nation) -> str:
    url = f"https://127.0.0.1:{nation.gateway_port}"
    words = (
        "init",
        "--node",
        nation.node,
        "--name",
        nation.name,
        "--country",
        nation.country,
        "--gateway-url",
        url,
    )
    made = nation.hilf(*words, officer="officer").document
    check(made["node"] == nation.node, "the node has the name that was asked for")
    return f"fingerprint {made['identity_sha256'][:16]}…"


def _second(nation: Nation) -> str:
    nation.hilf("officer", "add", "second", officer="second")
    nation.start()
    listed = nation.hilf("officer", "list").document["officers"]
    check(
        {officer["name"] for officer in listed} == set(OFFICERS),
        "two officers are named in the identity document",
    )
    return f"officers {', '.join(OFFICERS)}; gateway https://127.0.0.1:{nation.gateway_port}"


def meeting(nations: Sequence[Nation]) -> Steps:
    """Neighbours hand over cards and verify each other by fingerprint, two officers on each side."""
    for one, other in _neighbours(nations):
        yield f"{one.country} and {other.country} exchange cards", partial(cards, one, other)
        yield (
            f"{one.country} and {other.country} verify each other, two officers each",
            partial(verify, one, other),
        )


def _neighbours(nations: Sequence[Nation]) -> list[tuple[Nation, Nation]]:
    qm, qn, qo = nations
    return [(qm, qn), (qn, qo)]


def cards(one: Nation, other: Nation) -> str:
    """Two nations hand over their cards."""
    for giver, taker in ((one, other), (other, one)):
        card = giver.home.parent / f"{giver.country.lower()}.card"
        giver.hilf("peer", "card", "--out", str(card))
        taker.hilf("peer", "add", str(card))
    return "introduced: nothing but identity documents passes yet"


def verify(one: Nation, other: Nation) -> str:
    """Two officers of each nation verify the other by its fingerprint."""
    for verifier, verified in ((one, other), (other, one)):
        fingerprint = verified.hilf("identity", "show").document["identity_sha256"]
        for officer in OFFICERS:
            verifier.hilf(
                "peer",
                "verify",
                verified.node,
                "--fingerprint",
                fingerprint,
                "--as",
                officer,
                officer=officer,
            )
        states = {peer["node"]: peer["state"] for peer in verifier.hilf("peer", "list").document["peers"]}
        check(states[verified.node] == "verified", f"{verifier.country} has verified {verified.country}")
    return "verified on both sides"


def agreement(nations: Sequence[Nation]) -> Steps:
    """Neighbours agree on the default template: GREEN and below, AMBER with two approvals, RED never.

    Its one change: what may go onward is left to the markings, so that CLEAR may and GREEN may not.
    """
    for one, other in _neighbours(nations):
        yield f"{one.country} proposes an accord to {other.country}, both sign", partial(_agree, one, other)


def _agree(one: Nation, other: Nation) -> str:
    terms = one.home.parent / "terms.json"
    terms.write_text(json.dumps({"onward": "free"}), encoding="utf-8")
    drafted = one.hilf(
        "accord", "draft", "--with", other.node, "--template", "intelligence", "--from", str(terms)
    )
    accord, text = drafted.document["id"], drafted.document["hash"]
    one.hilf("accord", "propose", accord)
    one.hilf("sync", other.node)
    for officer in OFFICERS:
        other.hilf("accord", "sign", accord, "--as", officer, "--text", text, officer=officer)
    other.hilf("sync", one.node)
    for officer in OFFICERS:
        one.hilf("accord", "sign", accord, "--as", officer, "--text", text, officer=officer)
    one.hilf("sync", other.node)
    for nation in (one, other):
        states = {a["id"]: a["state"] for a in nation.hilf("accord", "list").document["accords"]}
        check(
            states[accord] == "in force",
            f"the accord is in force for {nation.country} (it is {states.get(accord)})",
        )
    return f"{accord} in force on both sides, signed by four officers"


def sharing(nations: Sequence[Nation]) -> Steps:
    """QM brings in what it knows, sees what may leave and why, sends it, and holds a receipt."""
    qm, qn, _ = nations
    for nation in nations:
        yield f"{nation.country} brings in its own intelligence", partial(_import, nation)
    yield "QM looks at what may leave to QN, and why the rest may not", partial(_preview, qm, qn)
    yield "QM releases; AMBER waits for a second officer", partial(_send, qm, qn)
    yield "QM's second officer approves AMBER", partial(_approve, qm, qn)
    yield "QN holds exactly what the preview showed", partial(_compare, qm, qn)
    yield "what may not leave is in no byte of QN's database", partial(_no_leak, qm, qn)
    yield "QN finds an address that QM reported", partial(_search, qn)


def _import(nation: Nation) -> str:
    file = nation.home.parent / f"{nation.country.lower()}.json"
    file.write_bytes(bundle(objects(nation.country, nation.author(), now())))
    counts = nation.hilf("import", str(file), "--source", "own").document
    check(counts["refused"] == counts["quarantined"] == 0, "every object is accepted")
    again = nation.hilf("import", str(file), "--source", "own").document
    check(again["new"] == again["updated"] == 0, "a second import changes nothing")
    return f"{counts['accepted']} objects; a second run: {again['duplicate']} duplicates, nothing new"


def _allowed(qm: Nation, qn: Nation) -> Path:
    return qm.home.parent / f"{qm.country.lower()}-to-{qn.country.lower()}.preview.json"


def _preview(qm: Nation, qn: Nation) -> str:
    shown = qm.hilf("release", "preview", "--to", qn.node).document
    reasons = Counter(withheld["rule"] for withheld in shown["withheld"])
    check(bool(shown["allowed"]) and bool(reasons), "something may leave and something may not")
    _allowed(qm, qn).write_text(
        json.dumps({each["id"]: each["sha256"] for each in shown["allowed"]}), encoding="utf-8"
    )
    return "\n".join(
        [f"{len(shown['allowed'])} may leave", *(f"{n} stay: {rule}" for rule, n in sorted(reasons.items()))]
    )


def _send(qm: Nation, qn: Nation) -> str:
    sent = qm.send(qn)
    (line,) = qm.hilf("sync", qn.node).document["peers"]
    check(line["receipts"] > 0 and line["refused"] == 0, "QN signed a receipt and refused nothing")
    return f"queued {sent['queued']}, needs approvals {sent['needs_approvals']}; sent {line['sent']}, receipts {line['receipts']}"


def _approve(qm: Nation, qn: Nation) -> str:
    waiting = [r for r in qm.hilf("release", "list").document["releases"] if r["state"] == "proposed"]
    check(len(waiting) == 1, "one release waits")
    qm.hilf("release", "approve", waiting[0]["release"], "--as", "officer", officer="officer", expect=1)
    approved = qm.hilf(
        "release", "approve", waiting[0]["release"], "--as", "second", officer="second"
    ).document
    (line,) = qm.hilf("sync", qn.node).document["peers"]
    return f"the proposer alone is refused; with the second officer {approved['queued']} went, receipts {line['receipts']}"


def _compare(qm: Nation, qn: Nation) -> str:
    allowed = json.loads(_allowed(qm, qn).read_text(encoding="utf-8"))
    listed = qn.hilf("search", "--limit", "1000", "--select", f"owner:{qm.node}").document["objects"]
    held = {each["id"]: each["sha256"] for each in listed}
    check(
        held == allowed, f"QN holds the {len(allowed)} previewed objects, with the same bytes, and no other"
    )
    return f"{len(held)} objects, the same content hashes as in the preview, nothing else"


def _no_leak(qm: Nation, qn: Nation) -> str:
    words = protected_words("QM")
    check(qm.holds(words), "RED is in QM's own database")
    check(not qn.holds(words), "RED is not in QN's database")
    return f"searched its files for {words!r}"


def _search(qn: Nation) -> str:
    hits = qn.hilf("search", "--value", "192.0.2[.]1").document["objects"]
    check(len(hits) > 0, "the address is found, though typed defanged")
    return f"192.0.2[.]1: {hits[0]['name']} ({hits[0]['owner']}, {hits[0]['marking']})"


def onward(nations: Sequence[Nation]) -> Steps:
    """QN passes on what it may to QO, and is refused what it may not, with the clause."""
    qm, qn, qo = nations
    yield (
        "QN passes QM's CLEAR objects on to QO; GREEN is refused with its clause",
        partial(_pass_on, qm, qn, qo),
    )
    yield (
        "QM takes an indicator back; it follows both hops, is erased and confirmed",
        partial(_retract, qm, qn, qo),
    )


def _pass_on(qm: Nation, qn: Nation, qo: Nation) -> str:
    select = f"owner:{qm.node}"
    shown = qn.hilf("release", "preview", "--to", qo.node, "--select", select).document
    check(bool(shown["allowed"]) and bool(shown["withheld"]), "some may go on, some may not")
    refused = shown["withheld"][0]
    qn.send(qo, select)
    (line,) = qn.hilf("sync", qo.node).document["peers"]
    check(line["refused"] == 0, "QO refused nothing")
    return "\n".join([f"{line['sent']} acts went on", f"refused: {refused['rule']}: {refused['reason']}"])


def _retract(qm: Nation, qn: Nation, qo: Nation) -> str:
    clear = [Tlp.CLEAR.marking_id]
    indicators = [o for o in objects("QM", "", now()) if o["type"] == "indicator"]
    target = [o for o in indicators if o.get("object_marking_refs") == clear][-1]
    identifier, words = str(target["id"]), str(target["pattern"]).split("'")[1]
    check(qn.holds(words) and qo.holds(words), "QN and QO hold the indicator before")
    # each nation's officers speak for its own hop: QM's make QN erase at once, QN's make QO
    for nation, to in ((qm, qn), (qn, qo)):
        for officer in OFFICERS:
            nation.hilf("retract", identifier, "--reason", "source-at-risk", "--as", officer, officer=officer)
        nation.hilf("sync", to.node)
    for nation, to in ((qo, qn), (qn, qm)):
        nation.hilf("sync", to.node)
    status = qm.hilf("retract", "status", identifier).document["nodes"]
    check(all(node["state"] == "erased" for node in status), f"every node confirms erasure ({status})")
    check(not qn.holds(words) and not qo.holds(words), "no byte of it is left at QN or QO")
    told = [f"{node['node']} {node['state']}" for node in status + status[0]["further"]["named"]]
    return f"confirmed: {', '.join(told)}\nno byte of {words} is left at QN or QO"


CHAPTERS: Sequence[tuple[str, Callable[[Sequence[Nation]], Steps]]] = (
    ("1. Three nations make their nodes", homes),
    ("2. They meet", meeting),
    ("3. They agree", agreement),
    ("4. They share", sharing),
    ("5. Onward, and back again", onward),
)
