"""What was found as a file, CSV or STIX, streamed: also a hundred thousand objects need no memory."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import needs
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Search
from hilf.console.intelligence.search import line_of
from hilf.errors import CallerFault
from hilf.markings.tlp import Tlp
from hilf.node import export
from hilf.stix import select
from hilf.stix.select import Term
from hilf.store.intelligence.assertion import Kept

TYPES: Final = {"csv": "text/csv; charset=utf-8", "stix": "application/stix+json;version=2.1"}
_FILES: Final = {"csv": "csv", "stix": "json"}


@needs(Power.READ)
@require_GET
def file(request: HttpRequest) -> HttpResponseBase:
    """Everything that the line of the list finds, or that `select` names."""
    kind = request.GET.get("as", "")
    if kind not in TYPES:
        raise CallerFault("export.format", f"{kind[:20]!r} is no format.", "", "Choose csv or stix.")
    meant = line_of(Search(request.GET))
    terms = sight.narrowed(request, (*meant.terms, *select.parse(request.GET.get("select", ""))))
    has_red = bool(export_red(terms, meant.words, request))
    if has_red:
        audited.saw(request, [f"export {kind}: {select.render(terms)[:500]}"])
    pages = export.pages(settings.HILF_HOME, terms, meant.words)
    pieces = export.as_csv(settings.HILF_HOME, pages) if kind == "csv" else export.as_stix(pages)
    answer = StreamingHttpResponse(pieces, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{settings.HILF_HOME.node}.{_FILES[kind]}"'
    return answer


def export_red(terms: Sequence[Term], words: str, request: HttpRequest) -> Sequence[Kept]:
    """One RED object that goes along, where the reader may see any."""
    if not sight.may_red(request):
        return ()
    red = Term("marking", ":", (f"tlp:{Tlp.RED.word}",))
    first: Iterator[Sequence[Kept]] = export.pages(settings.HILF_HOME, (*terms, red), words)
    return next(first, ())
