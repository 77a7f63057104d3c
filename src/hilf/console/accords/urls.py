"""Addresses of the pages of accords."""

from typing import Final

from django.urls import path

from hilf.console.accords import compare, draft, memorandum, parts, sign, views

urlpatterns: Final = [
    path("", views.list_, name="accords"),
    path("new/", draft.new, name="accord_new"),
    path("<str:accord_id>/", views.show, name="accord"),
    path("<str:accord_id>/compare/", compare.side_by_side, name="accord_compare"),
    path("<str:accord_id>/effects/", compare.effects, name="accord_effects"),
    path("<str:accord_id>/memorandum/<str:language>/", memorandum.page, name="accord_memorandum"),
    path("<str:accord_id>/memorandum/<str:language>/pdf/", memorandum.file, name="accord_memorandum_file"),
    path("<str:accord_id>/amend/", draft.amend, name="accord_amend"),
    path("<str:accord_id>/draft/", draft.overview, name="accord_draft"),
    path("<str:accord_id>/draft/drop/", draft.drop, name="accord_drop"),
    path("<str:accord_id>/draft/terms/", parts.terms, name="accord_terms"),
    path("<str:accord_id>/draft/parties/", parts.parties, name="accord_parties"),
    path("<str:accord_id>/draft/promises/", parts.promises, name="accord_promises"),
    path("<str:accord_id>/draft/contacts/", parts.contacts, name="accord_contacts"),
    path("<str:accord_id>/draft/clause/", parts.clause, name="accord_clause_new"),
    path("<str:accord_id>/draft/clause/<str:clause_id>/", parts.clause, name="accord_clause"),
    path("<str:accord_id>/draft/clause/<str:clause_id>/remove/", parts.remove, name="accord_clause_remove"),
    path("<str:accord_id>/propose/", draft.propose, name="accord_propose"),
    path("<str:accord_id>/sign/", sign.sign, name="accord_sign"),
    path("<str:accord_id>/suspend/", sign.suspend, name="accord_suspend"),
    path("<str:accord_id>/end/", sign.end, name="accord_end"),
    path("<str:accord_id>/withdraw/", sign.withdraw, name="accord_withdraw"),
]
