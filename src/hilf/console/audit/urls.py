"""Addresses of the audit trail."""

from typing import Final

from django.urls import path

from hilf.console.audit import views

urlpatterns: Final = [
    path("", views.list_, name="audit"),
    path("verify/", views.verify, name="audit_verify"),
    path("export/", views.export, name="audit_export"),
]
