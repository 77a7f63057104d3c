"""Addresses of the gateway. Source: wire.md 5."""

from typing import Final

from django.urls import path

from hilf.gateway import federation

urlpatterns: Final = [
    path("hilf", federation.versions),
    path("hilf/1/identity", federation.identity),
    path("hilf/1/state", federation.state),
    path("hilf/1/acts", federation.acts),
    path("hilf/1/reconcile", federation.reconcile),
]

handler404 = federation.unknown
