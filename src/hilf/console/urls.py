"""Addresses of the console."""

from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from hilf.console.account import invitation, officer

urlpatterns: Final = [
    path("", include("hilf.console.home.urls")),
    path("account/", include("allauth.urls")),
    path("invitation/<str:token>/", invitation.take_up, name="invitation"),
    path("officer/", officer.own, name="officer_key"),
    path("people/", include("hilf.console.people.urls")),
    path("audit/", include("hilf.console.audit.urls")),
    path("inbox/", include("hilf.console.inbox.urls")),
    path("intelligence/", include("hilf.console.intelligence.urls")),
    path("partners/", include("hilf.console.partners.urls")),
    path("accords/", include("hilf.console.accords.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("release/", include("hilf.console.release.urls")),
    path("retractions/", include("hilf.console.retraction.urls")),
    path("consents/", include("hilf.console.consent.urls")),
]
