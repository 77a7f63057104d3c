"""The first page: what needs me now, then the situation: streams, volumes, the network of partners (faces.md 2)."""

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.accord.document import InForce
from hilf.console.access import needs, powers_of
from hilf.console.accords.kinds import TYPES
from hilf.console.home.needs import needs_of
from hilf.console.intelligence import sight
from hilf.federation.peer import PeerState
from hilf.node import life, status, traffic, triage
from hilf.node.home import now
from hilf.node.peer_list import Listed

VOLUMES: Final = "hilf.volumes"
VOLUMES_S: Final = 60
"""For how long a count of everything is shown again: it reads a whole table."""

KINDS_SHOWN: Final = 12
"""Kinds of object in the table of volumes; the rest is one line."""

SLOW_S: Final = 900
"""How long something may wait for a partner before its stream counts as slow."""


@needs(Power.READ)
@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """What cannot wait, and how every stream stands."""
    home, at = settings.HILF_HOME, now()
    found = status.status(home, at)
    every = needs_of(found, powers_of(request))
    unread = triage.page(home, 1, more=sight.narrowed(request, ()))
    streams = sorted(
        ((_health(each), each) for each in found.peers), key=lambda one: (_ORDER[one[0]], one[1].node)
    )
    return render(
        request,
        "home/first.html",
        {
            "status": found,
            "unread": unread,
            "mine": [need for need in every if need.is_fault or need.is_mine],
            "others": [need for need in every if not need.is_fault and not need.is_mine],
            "streams": streams,
            "healthy": sum(health == "good" for health, _peer in streams),
            "network": _network(home.node, streams, life.all_in_force(home, at)),
        },
    )


@needs(Power.READ)
@require_GET
def volumes(request: HttpRequest) -> HttpResponse:
    """What is held and from whom, and what passed: a piece of the first page that reads a whole index, so it comes after."""
    home = settings.HILF_HOME
    kept = cache.get(VOLUMES)
    if kept is None:
        kept = traffic.volumes(home), now()
        cache.set(VOLUMES, kept, VOLUMES_S)
    found, counted = kept
    says = sorted(
        {node for by in found.kinds.values() for node in by}, key=lambda node: (node != home.node, node)
    )
    rows = [(TYPES.get(kind, kind), [by.get(node, 0) for node in says]) for kind, by in found.kinds.items()]
    rest = rows[KINDS_SHOWN:]
    if rest:
        rows = [
            *rows[:KINDS_SHOWN],
            (_("all other kinds"), [sum(counts) for counts in zip(*(by for _name, by in rest), strict=True)]),
        ]
    kinds = [{"name": name, "total": sum(by), "by": by} for name, by in rows]
    is_piece = bool(request.headers.get("HX-Request"))
    page = "home/volumes.html" if is_piece else "home/volumes_page.html"
    return render(
        request,
        page,
        {
            "says": says,
            "kinds": kinds,
            "passed": sorted(found.peers.items()),
            "us": home.node,
            "counted": counted,
            "level": "h4" if is_piece else "h2",
        },
    )


_ORDER: Final = {"bad": 0, "slow": 1, "waits": 2, "stopped": 3, "good": 4}


def _health(each: Listed) -> str:
    """How a stream is: bad where the partner is not reached, slow where acts wait long, and so on."""
    if each.state in (PeerState.SUSPENDED, PeerState.REVOKED):
        return "stopped"
    if each.state is not PeerState.VERIFIED:
        return "waits"
    if each.failures:
        return "bad"
    return "slow" if each.lag_s > SLOW_S else "good"


def _network(us: str, streams: list[tuple[str, Listed]], held: Sequence[InForce]) -> dict[str, object]:
    """Partners as nodes and what joins them as lines, for the chart; the table beside it says the same."""
    nodes = [{"id": us, "name": us, "health": "us"}]
    nodes += [
        {"id": each.node, "name": each.node, "health": health, "country": each.country}
        for health, each in streams
    ]
    known = {node["id"] for node in nodes}
    lines: dict[tuple[str, str], bool] = {
        (us, each.node): False for _health_, each in streams if each.state is not PeerState.INTRODUCED
    }
    for accord in held:
        parties = [
            node for node in accord.accord.nodes if node in known and (node == us or accord.binds(node))
        ]
        lines.update(((us, node), True) for node in parties if node != us)
    return {
        "nodes": nodes,
        "lines": [{"source": a, "target": b, "accord": has} for (a, b), has in lines.items()],
    }
