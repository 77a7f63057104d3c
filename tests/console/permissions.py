"""Who may open which address of the console. A new address needs a line here; the walk fails without one.

PAGES: the name of an address → the powers of which every one is needed. ANYBODY: also who is not signed in.
"""

from hilf.access.role import Power

READ = (Power.READ,)

PAGES: dict[str, tuple[Power, ...]] = {
    # people and audit
    "people": (Power.USERS,),
    "person": (Power.USERS,),
    "person_invite": (Power.USERS,),
    "person_change": (Power.USERS,),
    "person_link": (Power.USERS,),
    "person_end": (Power.USERS,),
    "audit": (Power.AUDIT,),
    "audit_verify": (Power.AUDIT,),
    "audit_export": (Power.AUDIT,),
    "officer_key": (),
    # the first page
    "first": READ,
    "volumes": READ,
    # inbox
    "inbox": READ,
    "inbox_look": (Power.INTAKE,),
    # intelligence
    "intelligence": READ,
    "intelligence_complete": READ,
    "intelligence_export": READ,
    "selection": READ,
    "selection_label": (Power.INTAKE,),
    "selection_mark": (Power.INTAKE,),
    "techniques": READ,
    "intake": (Power.INTAKE,),
    "upload": (Power.INTAKE,),
    "imports": READ,
    "import": READ,
    "import_undo": (Power.INTAKE,),
    "quarantine": READ,
    "quarantine_decide": (Power.INTAKE,),
    "object": READ,
    "object_bytes": READ,
    "object_why": READ,
    "object_label": (Power.INTAKE,),
    # partners
    "partners": READ,
    "card": READ,
    "card_file": READ,
    "partner_add": (Power.PARTNERS,),
    "partner": READ,
    "partner_seen": (Power.PARTNERS,),
    "partner_now": (Power.PARTNERS,),
    "partner_receipts": READ,
    "partner_refusals": READ,
    "partner_quota": (Power.PARTNERS,),
    "partner_verify": (Power.SIGN,),
    "partner_speaks": (Power.SIGN,),
    "partner_suspend": (Power.SIGN,),
    "partner_revoke": (Power.SIGN,),
    # accords
    "accords": READ,
    "accord_new": (Power.PARTNERS,),
    "accord": READ,
    "accord_compare": READ,
    "accord_effects": READ,
    "accord_memorandum": READ,
    "accord_memorandum_file": READ,
    "accord_amend": (Power.PARTNERS,),
    "accord_draft": (Power.PARTNERS,),
    "accord_drop": (Power.PARTNERS,),
    "accord_terms": (Power.PARTNERS,),
    "accord_parties": (Power.PARTNERS,),
    "accord_promises": (Power.PARTNERS,),
    "accord_contacts": (Power.PARTNERS,),
    "accord_clause_new": (Power.PARTNERS,),
    "accord_clause": (Power.PARTNERS,),
    "accord_clause_remove": (Power.PARTNERS,),
    "accord_propose": (Power.PARTNERS,),
    "accord_sign": (Power.SIGN,),
    "accord_suspend": (Power.SIGN,),
    "accord_end": (Power.SIGN,),
    "accord_withdraw": (Power.SIGN,),
    # release
    "releases": READ,
    "release_new": READ,
    "release_preview": READ,
    "release_request": (Power.PROPOSE,),
    "release_propose": (Power.PROPOSE,),
    "release_work": READ,
    "approvals": READ,
    "release_why": READ,
    "orders": READ,
    "order_new": (Power.PROPOSE,),
    "order": READ,
    "order_preview": READ,
    "order_approve": (Power.APPROVE,),
    "order_stop": (Power.PROPOSE,),
    "release": READ,
    "release_approve": (Power.APPROVE,),
    "release_decline": (Power.APPROVE,),
    "release_take_back": (Power.PROPOSE,),
    # retractions
    "retractions": READ,
    "retraction_new": (Power.PROPOSE,),
    "retraction_held": READ,
    "retraction_held_accept": (Power.INTAKE,),
    "retraction_held_refuse": (Power.INTAKE,),
    "retraction": READ,
    "retraction_sign": (Power.PROPOSE,),
    "retraction_second": (Power.APPROVE,),
    # consents
    "consents": READ,
    "consent_ask": (Power.PROPOSE,),
    "consent": READ,
    "consent_give": (Power.APPROVE,),
    "consent_deny": (Power.APPROVE,),
}

SIGNED_IN = {"set_language"}
"""Addresses for whoever is signed in, whatever the roles."""

ANYBODY = {"invitation"}
"""Addresses for whoever has the link."""

OWN_ACCOUNT = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "reauthenticate")
"""Names of django-allauth's pages about one's own account and about signing in; it asks for a session where one is needed."""
