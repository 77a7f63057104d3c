"""The memorandum: an accord as it is printed and signed by hand, its text made from the clauses that the node enforces."""

from datetime import UTC

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import get_language_info
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.accords import paper
from hilf.console.accords.views import LANGUAGES, beside, chosen, clauses_in, in_language
from hilf.console.accords.words import terms
from hilf.node import accord as accords
from hilf.node import peer
from hilf.node.accord import Shown
from hilf.node.home import now


@needs(Power.READ)
@require_GET
def page(request: HttpRequest, accord_id: str, language: str) -> HttpResponse:
    """The memorandum in one language, for the printer of a browser.

    Raises:
        Http404: the console has no such language.
    """
    return HttpResponse(html(_known(language), _shown(request, accord_id)))


@needs(Power.READ)
@require_GET
def file(request: HttpRequest, accord_id: str, language: str) -> HttpResponse:
    """The same as a PDF.

    Raises:
        Http404: the console has no such language.
        OperatorFault: as `paper.pdf` says.
    """
    shown = _shown(request, accord_id)
    answer = HttpResponse(pdf(_known(language), shown), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name_of(shown, language)}"'
    return answer


def name_of(shown: Shown, language: str) -> str:
    """What the file is called."""
    return f"{shown.life.accord.id}-{shown.life.accord.version}-{language}.pdf"


def html(language: str, shown: Shown) -> str:
    """The page of the memorandum of a version."""
    accord = shown.life.accord
    with translation.override(language), timezone.override(UTC):  # paper is read in every zone
        return render_to_string(
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
                "direction": _direction(language),
            },
        )


def pdf(language: str, shown: Shown) -> bytes:
    """The page of the memorandum of a version as a PDF.

    Raises:
        OperatorFault: as `paper.pdf` says.
    """
    title = in_language(shown.life.accord.title, language)
    return paper.pdf(html(language, shown), title, language, _direction(language))


def _direction(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise Http404
    return language


def _shown(request: HttpRequest, accord_id: str) -> Shown:
    return chosen(accords.show(settings.HILF_HOME, accord_id, now()), request.GET.get("text", ""))


def _party(node: str, language: str) -> dict[str, str]:
    """A party with the name that its identity gives it, in this language if it has one."""
    known = peer.identity_of(node)
    if known is None:
        return {"node": node, "name": "", "country": ""}
    return {"node": node, "name": in_language(known.newest.name, language), "country": known.newest.country}
