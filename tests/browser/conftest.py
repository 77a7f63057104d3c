"""Consoles that are really served, on what `hilf demo` tells, and a real browser on them.

A browser is Debian's chromium. Where there is none these tests are skipped with that reason, unless HILF_BROWSER=required says
that they must not be. The homes are made once for a run, whatever number of processes it has, and copied; HILF_STAGE names a
folder in which they are kept for the next run.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hilf.cli.demo import chapters
from hilf.cli.demo.nation import Nation
from hilf.cli.demo.story import nations_in
from tests.browser.reading import Reading
from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
WIDTHS = (360, 1280, 1920)
NO_BROWSER = (
    "no chromium on this machine: apt-get install chromium (HILF_BROWSER=required makes this a failure)"
)


def chromium() -> str | None:
    """Where Debian's browser is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def pytest_collection_modifyitems(items) -> None:
    is_missing = chromium() is None and os.environ.get("HILF_BROWSER") != "required"
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.timeout(600))  # whoever comes first waits for the homes
        if is_missing:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture(scope="module")
def browser():
    """Chromium, as long as one file of tests takes: its loop must not run beside those of other tests."""
    from playwright.sync_api import sync_playwright

    where = chromium()
    if where is None:
        pytest.fail(NO_BROWSER)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=where, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Path:
    """Homes of three nations that met, agreed and shared, stopped and ready to be copied; made once for all processes."""
    kept = os.environ.get("HILF_STAGE")
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if is_worker else tmp_path_factory.getbasetemp()
    folder = Path(kept) if kept else shared / "stage"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "told").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _tell(folder)
    return folder


def _tell(folder: Path) -> None:
    nations = nations_in(folder)
    for nation in nations:
        nation.gateway_port, nation.console_port = free_port(), free_port()
    try:
        for chapter in (chapters.homes, chapters.meeting, chapters.agreement, chapters.sharing):
            for _, act in chapter(nations):
                act()
    finally:
        _stop(nations)
    ports = {nation.country: nation.gateway_port for nation in nations}
    (folder / "told").write_text(json.dumps(ports), encoding="utf-8")


@dataclass
class Served:
    """One node that is served, and the people who sign in at it."""

    nation: Nation
    url: str
    people: dict[str, dict[str, str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def serve(stage, tmp_path_factory) -> Iterator[Callable[..., Served]]:
    """Serve a copy of a nation's home: `serve("QM")`; with `gateway=True` where its partners look for it.

    There is one such place for each nation, so whoever else wants it, in another process, waits until this one is done.
    """
    folder = tmp_path_factory.mktemp("served")
    running: list[Nation] = []
    places = ExitStack()

    def start(country: str, *, gateway: bool = False, worker: bool = False) -> Served:
        port = free_port()
        if gateway:
            port = json.loads((stage / "told").read_text())[country]
            lock = places.enter_context((stage / f"{country}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        home = folder / country.lower()
        shutil.copytree(stage / country.lower(), home)
        for file in stage.glob(f"{country.lower()}-*.passphrase"):
            shutil.copy(file, folder / file.name)
        nation = Nation(country, f"CERT of {country}", home, port, free_port())
        command = [sys.executable, "-m", "tests.browser.people", str(home)]
        made = subprocess.run(
            command, cwd=ROOT, env=nation.environment(None), capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
        nation.start(worker=worker)
        running.append(nation)
        return Served(nation, nation.console_url, json.loads(made.stdout))

    with places:
        yield start
        _stop(running)


def _stop(nations: Sequence[Nation]) -> None:
    for nation in nations:
        nation.stop()
        if nation.serving is not None and nation.serving.stdout is not None:
            nation.serving.stdout.close()


@pytest.fixture(scope="module")
def node(serve) -> Served:
    """The console of QM, which shares with QN."""
    return serve("QM")


@pytest.fixture
def read(browser) -> Iterator[Callable[..., Reading]]:
    """Open a browser for somebody: `read(node, "analyst", "ar")`; what goes wrong in its pages fails the test."""
    opened: list[Reading] = []

    def start(served: Served, person: str = "", language: str = "en", **chosen: object) -> Reading:
        session = served.people[person]["session"] if person else ""
        reading = Reading(browser, served.url, session, language, **chosen)
        opened.append(reading)
        return reading

    yield start
    faults = [fault for reading in opened for fault in reading.faults]
    for reading in opened:
        reading.context.close()
    assert faults == [], "a page broke its policy, or a script of it"
