"""Addresses of people."""

from typing import Final

from django.urls import path

from hilf.console.people import views

urlpatterns: Final = [
    path("", views.list_, name="people"),
    path("invite/", views.invite, name="person_invite"),
    path("<str:name>/", views.show, name="person"),
    path("<str:name>/change/", views.change, name="person_change"),
    path("<str:name>/link/", views.renew, name="person_link"),
    path("<str:name>/end/", views.end, name="person_end"),
]
