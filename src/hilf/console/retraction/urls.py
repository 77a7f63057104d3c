"""Addresses of retraction."""

from typing import Final

from django.urls import path

from hilf.console.retraction import held, views

urlpatterns: Final = [
    path("", views.list_, name="retractions"),
    path("new/", views.new, name="retraction_new"),
    path("held/<str:node>/", held.of, name="retraction_held"),
    path("held/<str:node>/accept/", held.accept, name="retraction_held_accept"),
    path("held/<str:node>/refuse/", held.refuse, name="retraction_held_refuse"),
    path("<str:object_id>/", views.board, name="retraction"),
    path("<str:object_id>/sign/", views.sign, name="retraction_sign"),
    path("<str:object_id>/second/", views.second, name="retraction_second"),
]
