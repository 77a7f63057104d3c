"""Addresses of the console."""

from typing import Final

from django.urls import include, path

from hilf.console.home import views as home

urlpatterns: Final = [
    path("", home.first, name="first"),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
