"""Addresses of the partners' pages."""

from typing import Final

from django.urls import path

from hilf.console.partners import card, sign, stream, views

urlpatterns: Final = [
    path("", views.list_, name="partners"),
    path("card/", card.own, name="card"),
    path("card/file/", card.file, name="card_file"),
    path("add/", card.add, name="partner_add"),
    path("<str:node>/", views.show, name="partner"),
    path("<str:node>/seen/", views.seen, name="partner_seen"),
    path("<str:node>/now/", stream.now, name="partner_now"),
    path("<str:node>/receipts/", stream.receipts, name="partner_receipts"),
    path("<str:node>/refusals/", stream.refusals, name="partner_refusals"),
    path("<str:node>/quota/", stream.quota, name="partner_quota"),
    path("<str:node>/verify/", sign.verify, name="partner_verify"),
    path("<str:node>/speaks/", sign.speaks, name="partner_speaks"),
    path("<str:node>/suspend/", sign.suspend, name="partner_suspend"),
    path("<str:node>/revoke/", sign.revoke, name="partner_revoke"),
]
