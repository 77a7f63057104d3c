"""The memorandum: an accord as it is printed and signed by hand, its text made from the clauses that the node enforces."""

from datetime import UTC

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language_info
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.accords.views import LANGUAGES, beside, chosen, clauses_in, in_language
from hilf.console.accords.words import terms
from hilf.node import accord as accords
from hilf.node import peer
from hilf.node.home import now


@needs(Power.READ)
@require_GET
def page(request: HttpRequest, accord_id: str, language: str) -> HttpResponse:
    """The memorandum in one language, for the printer.

    Raises:
        Http404: the console has no such language.
    """
    if language not in LANGUAGES:
        raise Http404
    shown = chosen(accords.show(settings.HILF_HOME, accord_id, now()), request.GET.get("text", ""))
    accord = shown.life.accord
    with translation.override(language), timezone.override(UTC):  # paper is read in every zone
        return render(
            request,
            "accords/memorandum.html",
            {
                "shown": shown,
                "accord": accord,
                "title": in_language(accord.title, language),
                "parties": [_party(node, language) for node in accord.nodes],
                "clauses": clauses_in(accord, language),
                "terms": list(terms(accord)),
                "others": beside(accord),
                "language": language,
                "languages": LANGUAGES.items(),
                "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            },
        )


def _party(node: str, language: str) -> dict[str, str]:
    """A party with the name that its identity gives it, in this language if it has one."""
    known = peer.identity_of(node)
    if known is None:
        return {"node": node, "name": "", "country": ""}
    return {"node": node, "name": in_language(known.newest.name, language), "country": known.newest.country}
