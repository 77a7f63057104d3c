"""Addresses of the inbox."""

from django.urls import path

from hilf.console.inbox import views

urlpatterns = [
    path("", views.list_, name="inbox"),
    path("look/", views.look, name="inbox_look"),
]
