"""The ties of an object as a graph, drawn by ECharts in the browser: names go along as text and are drawn, never read as HTML."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse

from hilf.console import foreign
from hilf.node.dossier import Tie

MOST: Final = 60
LONGEST: Final = 60


def graph(stix_id: str, name: str, ties: Sequence[tuple[Tie, str]]) -> dict[str, Any]:
    """Nodes and links, this object first; as many as can be told apart."""
    nodes = {stix_id: _node(stix_id, name)}
    links = []
    for tie, other in ties[:MOST]:
        nodes.setdefault(tie.stix_id, _node(tie.stix_id, other))
        source, target = (stix_id, tie.stix_id) if tie.outward else (tie.stix_id, stix_id)
        links.append({"source": source, "target": target, "word": _plain(tie.word)})
    return {"nodes": list(nodes.values()), "links": links, "centre": stix_id}


def _node(stix_id: str, name: str) -> dict[str, str]:
    kind = stix_id.partition("--")[0]
    return {
        "id": stix_id,
        "name": _plain(name) or kind,
        "kind": kind,
        "url": reverse("object", args=[stix_id]),
    }


def _plain(text: str) -> str:
    """Without what would turn the text around; the list below the graph shows it in full."""
    shown = "".join(piece for is_hidden, piece in foreign.parts(text[: LONGEST * 2]) if not is_hidden)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
