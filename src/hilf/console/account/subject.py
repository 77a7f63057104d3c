"""Whom the identity provider means: a subject is bound to an account by an administrator, never found by an e-mail address."""

from allauth.socialaccount.models import SocialAccount

from hilf.errors import Refusal
from hilf.stack import PROVIDER


def subject_of(person: int) -> str:
    """The subject that is bound to an account; empty without one."""
    found = SocialAccount.objects.filter(user_id=person, provider=PROVIDER).first()
    return str(found.uid) if found else ""


def bind(person: int, subject: str) -> None:
    """Bind a subject to an account, or none where it is empty.

    Raises:
        Refusal: "user.subject-taken": it is bound to somebody else.
    """
    if (
        subject
        and SocialAccount.objects.filter(provider=PROVIDER, uid=subject).exclude(user_id=person).exists()
    ):
        raise Refusal(
            "user.subject-taken",
            "This subject is bound to another account.",
            "Who signs in by the identity provider is one person.",
            "Look at the accounts that sign in by it, and unbind the other one first.",
        )
    SocialAccount.objects.filter(user_id=person, provider=PROVIDER).delete()
    if subject:
        SocialAccount.objects.create(user_id=person, provider=PROVIDER, uid=subject)
