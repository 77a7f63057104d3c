"""Settings of a home: HOME/hilf.toml, overridden by HILF_… variables, each value with its source (faces.md 1)."""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hilf.errors import CallerFault, OperatorFault
from hilf.federation.retraction import GRACE
from hilf.markings import mapping
from hilf.node import channels, process, replay
from hilf.node.home import Home, now
from hilf.store import database

if TYPE_CHECKING:
    from hilf.node.quota import Quota

DEFAULTS: Mapping[str, str] = {
    "node": "",
    "language": "en",
    "gateway_url": "https://127.0.0.1:8443",
    "gateway": "0.0.0.0:8443",
    "console": "127.0.0.1:8400",
    "console_url": "http://localhost:8400",
    "oidc_url": "",
    "oidc_name": "OpenID Connect",
    "oidc_client_id": "",
    "oidc_secret_file": "",
    "database_url": "",
    "workers": "2",
    "sync_every_s": "30",
    "grace_days": "7",
    "lock_timeout_s": "30",
    "quota_acts_per_hour": "10000000",
    "quota_mib_per_hour": "20480",
    "quota_processor_s_per_hour": "1800",
    "quota_disk_mib": "0",
    "quota_reconciles_per_hour": "1",
    "mapped_markings": "",
    "intake_hosts": "",
    **channels.DEFAULTS,
}
WHOLE_NUMBERS = (
    "workers",
    "sync_every_s",
    "grace_days",
    "lock_timeout_s",
    "quota_acts_per_hour",
    "quota_mib_per_hour",
    "quota_processor_s_per_hour",
    "quota_disk_mib",
    "quota_reconciles_per_hour",
    *channels.WHOLE_NUMBERS,
)

LANGUAGES = ("ar", "en", "fr")
LISTENERS = ("gateway", "console")
LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Value:
    """One setting: its text and where it was set."""

    name: str
    text: str
    source: str


def values_of(path: Path, environment: Mapping[str, str] | None = None) -> dict[str, Value]:
    """Every setting of the home at `path`.

    Raises:
        CallerFault: when `path` is no home.
        OperatorFault: when hilf.toml cannot be read, or holds unknown names or unusable values, all faults at once.
    """
    values, faults = examined(path, environment)
    if faults:
        raise OperatorFault(
            "settings.wrong",
            " ".join(faults),
            f"In {path / 'hilf.toml'} or the environment.",
            "Run hilf settings check.",
        )
    return values


def examined(
    path: Path, environment: Mapping[str, str] | None = None
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Every setting of the home at `path`, and what is wrong with them, in sentences.

    Raises:
        CallerFault: when `path` is no home.
        OperatorFault: when hilf.toml cannot be read.
    """
    environment = os.environ if environment is None else environment
    file = path / "hilf.toml"
    if not file.is_file():
        raise CallerFault(
            "home.missing",
            f"{path} is no home of a node.",
            "There is no hilf.toml in it.",
            "Make one with hilf init, or name another with --home or HILF_HOME.",
        )
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorFault(
            "settings.unreadable", f"{file} cannot be read: {error}.", "", "Mend the file."
        ) from error
    values = {name: Value(name, text, "default") for name, text in DEFAULTS.items()}
    for name, value in _flat(written):
        values[name] = Value(name, value, str(file))
    for name in DEFAULTS:
        variable = f"HILF_{name.upper()}"
        if variable in environment:
            values[name] = Value(name, environment[variable], variable)
    return values, tuple(_faults(values))


def _flat(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What a file sets, by name: `mail_to` below `[notify]` is `notify_mail_to`; lists stay lists, as JSON."""
    for name, value in written.items():
        if isinstance(value, dict):
            yield from ((f"{name}_{inner}", text) for inner, text in _flat(value))
        else:
            yield name, json.dumps(value) if isinstance(value, list) else str(value)


def _faults(values: Mapping[str, Value]) -> list[str]:
    faults = [
        f"{value.name} is no setting of hilf." for name, value in values.items() if name not in DEFAULTS
    ]
    faults += [
        f"{n} must be a whole number, not {values[n].text!r}."
        for n in WHOLE_NUMBERS
        if not values[n].text.isdecimal()
    ]
    grace_days = values["grace_days"].text
    if grace_days.isdecimal() and int(grace_days) > GRACE.days:
        faults.append(f"grace_days must be at most {GRACE.days}, not {grace_days}.")
    faults += channels.faults({name: value.text for name, value in values.items()})
    try:
        mapping.parse(values["mapped_markings"].text)
    except CallerFault as fault:
        faults.append(f"mapped_markings: {fault.what} {fault.remedy}")
    if not values["gateway_url"].text.startswith("https://"):
        faults.append("gateway_url must begin with https://.")
    if values["oidc_url"].text and not values["oidc_url"].text.startswith("https://"):
        faults.append("oidc_url must begin with https://.")
    if bool(values["oidc_url"].text) != bool(values["oidc_client_id"].text):
        faults.append("oidc_url and oidc_client_id are set together, or neither.")
    if not values["node"].text:
        faults.append("node must be the name that hilf init gave this node.")
    if values["language"].text not in LANGUAGES:
        faults.append(f"language must be one of {', '.join(LANGUAGES)}, not {values['language'].text!r}.")
    faults += [
        f"{n} must be HOST:PORT, not {values[n].text!r}."
        for n in LISTENERS
        if not _is_listener(values[n].text)
    ]
    return faults


def _is_listener(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) <= LAST_PORT


def home_of(path: Path, values: Mapping[str, Value]) -> Home:
    """The home as verbs see it."""
    return Home(
        path=path,
        node=values["node"].text,
        gateway_url=values["gateway_url"].text.rstrip("/"),
        grace_days=int(values["grace_days"].text),
        reconciles=int(values["quota_reconciles_per_hour"].text),
        mapped=tuple(sorted(mapping.parse(values["mapped_markings"].text).items())),
    )


def channels_of_home(path: Path) -> channels.Channels:
    """The ways to the duty officer that are set.

    Raises:
        CallerFault, OperatorFault: as `values_of` says.
    """
    return channels.channels_of({name: value.text for name, value in values_of(path).items()})


def database_url(path: Path, values: Mapping[str, Value]) -> str:
    """The database of a home: HOME/hilf.sqlite3 unless a URL is set."""
    return values["database_url"].text or str(path / "hilf.sqlite3")


def open_home(path: Path, stack: Mapping[str, object] | None = None) -> Home:
    """Open a home for verbs: its settings read, its database in use, and brought up to the node if it is an older one.

    Tables of an older version of hilf are brought up to this one.

    Args:
        path: of the home.
        stack: settings of Django for pages, if this process shows any.

    Raises:
        CallerFault, OperatorFault: as `values_of` and the database say, or "store.older".
    """
    values = values_of(path)
    url = database_url(path, values)
    if "://" not in url and not Path(url).is_file():
        raise OperatorFault(
            "home.no-database",
            f"{url} is missing.",
            f"{path} has settings but no database.",
            "Restore a backup, or make a new home.",
        )
    database.use(url, int(values["lock_timeout_s"].text), stack)
    home = home_of(path, values)
    if database.is_older() or (stack is not None and database.lacks_tables()):
        _bring_up(home)
    replay.look(home, now())
    return home


def _bring_up(home: Home) -> None:
    """Bring the tables up to this version of hilf; one process does, and none that serves needs the older ones."""
    try:
        with process.only_one(home, now()):
            database.migrate()
    except OperatorFault as fault:
        if fault.code != "serve.locked" or not database.is_older():  # only the pages' own tables are missing
            raise
        raise OperatorFault(
            "store.older",
            f"The database of {home.path} is that of an older hilf, which still runs. {fault.what}",
            "Its tables are brought up to this version by the first command that nobody serves beside.",
            "Stop hilf serve and hilf worker, copy the database as it is, then run the same command again.",
        ) from fault


def usual_quota(path: Path) -> "Quota":
    """What one peer may use of the home at `path`, as its settings say.

    Raises:
        CallerFault, OperatorFault: as `values_of`.
    """
    from hilf.node.quota import Quota  # late: it needs the tables

    numbers = {name: int(values.text) for name, values in values_of(path).items() if name in WHOLE_NUMBERS}
    return Quota(
        acts=numbers["quota_acts_per_hour"],
        unpacked_bytes=numbers["quota_mib_per_hour"] * 2**20,
        processor_s=numbers["quota_processor_s_per_hour"],
        disk_bytes=numbers["quota_disk_mib"] * 2**20 or None,
        reconciles=numbers["quota_reconciles_per_hour"],
    )


def configure_gateway(path: Path) -> Home:
    """Open a home and set Django up to answer machines for it: addresses only, no sessions, no cookies, no templates."""
    from django.conf import (
        settings as django_settings,  # late: commands that serve nothing need no Django handlers
    )

    home = open_home(path)
    gateway = {
        "ROOT_URLCONF": "hilf.gateway.urls",
        "MIDDLEWARE": [],
        "ALLOWED_HOSTS": ["*"],  # Host is never read: addresses come from the settings (wire.md 5)
        "APPEND_SLASH": False,
        "HILF_HOME": home,
        "HILF_QUOTA": usual_quota(path),
    }
    for name, value in gateway.items():
        setattr(django_settings, name, value)
    database.keep_open()
    return home
