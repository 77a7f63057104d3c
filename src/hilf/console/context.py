"""What every page shows beside its own content."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_bidi


def page(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001  # Django hands it over
    """The node, and the direction in which the reader's language runs."""
    return {"node": settings.HILF_HOME.node, "is_rtl": get_language_bidi()}
