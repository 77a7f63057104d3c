"""What people do, see, try and are denied in the console goes into the audit trail (trust.md 7).

Of every form that is sent two entries are written: that it was tried, before the view runs, and what came of it. So nothing is
done of which the trail knows nothing, and where the trail cannot be written nothing is done. A view adds what only it knows:

    audited.about(request, release_id)          the id that the entry is about; else the last part of the address
    audited.saw(request, [stix_id, …])          RED content that the page shows
    audited.did(request)                        a form that answers 200 has done something (a redirect says so by itself)
    audited.refused(request, fault)             a form came back because a rule refused
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa_signals
from django.contrib.auth import signals as auth_signals
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from hilf.access.trail import Kind, Who
from hilf.canonical import Json
from hilf.errors import HilfError, Refusal
from hilf.node import audit
from hilf.node.home import now
from hilf.store.people import account

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET: Final = ("/language/", "/static/", "/invitation/")
"""Where nothing is done that anybody would ask about, or the view writes itself: a link is a secret."""

SIGN_IN: Final = "/account/"
"""Sign-in tells what happened by its signals; its forms hold nothing but secrets."""

_SEEN_AT_ONCE: Final = 100
_DENIED: Final = 403
_REDIRECTS: Final = range(300, 400)
_NO_CONTENT: Final = 204


class Audited:
    """Writes down what people try, and what comes of it; stands innermost, so that it hears what others refuse."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        answer = self._answer(request)
        if not request.user.is_authenticated:
            return answer
        kind = _outcome(request, answer, _writes(request))
        if kind is not None:
            write(request, kind, status=answer.status_code)
        seen: list[str] = getattr(request, "hilf_saw", [])
        for n in range(0, len(seen), _SEEN_AT_ONCE):
            write(request, Kind.SAW, subject=" ".join(seen[n : n + _SEEN_AT_ONCE]))
        return answer

    def process_view(self, request: HttpRequest, _view: object, _args: object, _values: object) -> None:
        """Write down that a form was sent, before anything comes of it."""
        if _writes(request) and request.user.is_authenticated:
            write(request, Kind.TRIED)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Remember what a rule refused; the page that says so is another's."""
        if isinstance(error, HilfError):
            refused(request, error)


def _writes(request: HttpRequest) -> bool:
    return request.method not in SAFE and not request.path.startswith((*QUIET, SIGN_IN))


def _outcome(request: HttpRequest, answer: HttpResponse, writes: bool) -> Kind | None:
    if answer.status_code == _DENIED or getattr(request, "hilf_outcome", None) == "denied":
        return Kind.DENIED
    if not writes or getattr(request, "hilf_outcome", None) in ("step-up", "failed"):
        return None
    done = answer.status_code in _REDIRECTS or answer.status_code == _NO_CONTENT
    return Kind.DID if done or getattr(request, "hilf_outcome", None) == "did" else None


def about(request: HttpRequest, subject: str) -> None:
    """Say which id the entries of this request are about."""
    request.hilf_subject = subject  # type: ignore[attr-defined]


def saw(request: HttpRequest, subjects: Iterable[str]) -> None:
    """Say which objects of RED content the page shows."""
    seen: list[str] = getattr(request, "hilf_saw", [])
    seen.extend(subjects)
    request.hilf_saw = seen  # type: ignore[attr-defined]


def did(request: HttpRequest) -> None:
    """Say that a form that answers with a page has done something."""
    request.hilf_outcome = "did"  # type: ignore[attr-defined]


def refused(request: HttpRequest, fault: HilfError) -> None:
    """Say that a rule refused, where the view shows it in its own page."""
    request.hilf_outcome = "denied" if isinstance(fault, Refusal) else "failed"  # type: ignore[attr-defined]
    request.hilf_code = fault.code  # type: ignore[attr-defined]


def write(request: HttpRequest, kind: Kind, subject: str | None = None, **detail: Json) -> None:
    """Add an entry about the person who asks."""
    if code := getattr(request, "hilf_code", None):
        detail["code"] = code
    if subject is None:
        subject = getattr(request, "hilf_subject", None) or _last_part(request)
    detail["path"] = request.path
    audit.write(kind, who(request), _action(request), subject, now(), detail)


def who(request: HttpRequest, person: Any = None) -> Who:  # noqa: ANN401  # a user of Django's, or what has its id
    """Who asks, and from where."""
    person = request.user if person is None else person
    known = account.by_id(person.pk) if person is not None and person.pk else None
    return Who(known.name if known else "", known.kid if known else None, "console", _place(request))


def _place(request: HttpRequest | None) -> str:
    """The address of the browser, as sign-in counts it; empty where there is none."""
    try:
        return str(get_adapter().get_client_ip(request)) if request is not None else ""
    except PermissionDenied:
        return ""


def _action(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return f"{request.method}"
    name = match.view_name or getattr(match.func, "__name__", "")
    return f"{name}".replace("_", " ").replace(":", " ")


def _last_part(request: HttpRequest) -> str:
    match = request.resolver_match
    values = list(match.kwargs.values()) if match else []
    return str(values[-1]) if values else ""


def listen() -> None:
    """Hear what sign-in tells: who came, who was not let in, whose factors and passwords changed."""
    told: tuple[tuple[Any, Kind, str], ...] = (
        (auth_signals.user_logged_in, Kind.DID, "sign in"),
        (auth_signals.user_logged_out, Kind.DID, "sign out"),
        (account_signals.password_changed, Kind.DID, "change password"),
        (mfa_signals.authenticator_added, Kind.DID, "add second factor"),
        (mfa_signals.authenticator_removed, Kind.DID, "remove second factor"),
        (mfa_signals.authenticator_reset, Kind.DID, "renew recovery codes"),
        (mfa_signals.authenticator_used, Kind.DID, "show second factor"),
    )
    for signal, kind, action in told:
        signal.connect(_hearing(kind, action), weak=False, dispatch_uid=f"hilf audit {action}")
    auth_signals.user_login_failed.connect(_not_let_in, dispatch_uid="hilf audit not let in")


def _hearing(kind: Kind, action: str) -> Callable[..., None]:
    def hear(sender: object, request: HttpRequest | None = None, user: Any = None, **more: Any) -> None:  # noqa: ANN401, ARG001  # as Django tells it
        if request is not None and user is not None:
            factor = more.get("authenticator")
            detail: dict[str, Json] = {"factor": str(factor.type)} if factor is not None else {}
            audit.write(kind, who(request, user), action, "", now(), detail)

    return hear


def _not_let_in(
    sender: object,  # noqa: ARG001
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **_more: Any,  # noqa: ANN401  # as Django tells it
) -> None:
    tried = str(credentials.get("username", ""))
    audit.write(Kind.DENIED, Who(tried, None, "console", _place(request)), "sign in", "", now())
