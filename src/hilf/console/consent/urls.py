"""Addresses of consent."""

from typing import Final

from django.urls import path

from hilf.console.consent import views

urlpatterns: Final = [
    path("", views.list_, name="consents"),
    path("ask/", views.ask, name="consent_ask"),
    path("<int:number>/", views.one, name="consent"),
    path("<int:number>/give/", views.give, name="consent_give"),
    path("<int:number>/deny/", views.deny, name="consent_deny"),
]
