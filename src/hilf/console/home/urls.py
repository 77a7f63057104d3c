"""Addresses of the first page and its pieces."""

from typing import Final

from django.urls import path

from hilf.console.home import views

urlpatterns: Final = [
    path("", views.first, name="first"),
    path("situation/volumes/", views.volumes, name="volumes"),
]
