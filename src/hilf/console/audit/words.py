"""Kinds of entries in the reader's words."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Final[dict[str, str | Promise]] = {
    "did": _("did"),
    "saw": _("saw"),
    "tried": _("tried"),
    "denied": _("was denied"),
}
