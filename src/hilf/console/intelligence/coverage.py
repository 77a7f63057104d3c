"""The ATT&CK matrix: which techniques what is known here speaks of."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.intelligence import sight
from hilf.console.intelligence.words import TACTICS
from hilf.node import matrix as matrices


@needs(Power.READ)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Tactics in the order of an intrusion, techniques by how many objects speak of them."""
    columns = matrices.columns(settings.HILF_HOME, with_red=sight.may_red(request))
    most = max((each.count for column in columns for each in column.techniques), default=1)
    shown = [
        (
            TACTICS.get(column.tactic, column.tactic),
            [(each, 1 + 4 * each.count // (most + 1)) for each in column.techniques],
        )
        for column in columns
    ]
    return render(request, "intelligence/techniques.html", {"columns": shown})
