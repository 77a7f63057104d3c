"""The first page: what needs me now, then the situation (faces.md 2)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.node import status


@needs(Power.READ)
def first(request: HttpRequest) -> HttpResponse:
    """What cannot wait, and how every stream stands."""
    return render(request, "home/first.html", {"status": status.status(settings.HILF_HOME, timezone.now())})
