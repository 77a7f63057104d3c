"""Addresses of release."""

from typing import Final

from django.urls import path

from hilf.console.release import approvals, history, orders, preview, request, whys

urlpatterns: Final = [
    path("", history.history, name="releases"),
    path("new/", preview.choose, name="release_new"),
    path("preview/", preview.look, name="release_preview"),
    path("request/", request.ask, name="release_request"),
    path("propose/", request.propose, name="release_propose"),
    path("work/<str:token>/", request.work, name="release_work"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("why/", whys.of, name="release_why"),
    path("orders/", orders.list_, name="orders"),
    path("orders/new/", orders.new, name="order_new"),
    path("orders/<str:order_id>/", orders.one, name="order"),
    path("orders/<str:order_id>/preview/", orders.preview, name="order_preview"),
    path("orders/<str:order_id>/approve/", orders.approve, name="order_approve"),
    path("orders/<str:order_id>/stop/", orders.stop, name="order_stop"),
    path("<str:release_id>/", history.one, name="release"),
    path("<str:release_id>/approve/", approvals.approve, name="release_approve"),
    path("<str:release_id>/decline/", approvals.decline, name="release_decline"),
    path("<str:release_id>/take-back/", approvals.take_back, name="release_take_back"),
]
