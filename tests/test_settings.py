from pathlib import Path

import pytest

from hilf.errors import CallerFault, OperatorFault
from hilf.markings.tlp import Tlp
from hilf.settings import (
    DEFAULTS,
    Value,
    channels_of_home,
    database_url,
    examined,
    home_of,
    open_home,
    values_of,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "hilf.toml").write_text('node = "cert.qm.example"\n')
    return tmp_path


def write(folder: Path, *lines: str) -> None:
    (folder / "hilf.toml").write_text("\n".join(['node = "cert.qm.example"', *lines]))


def test_setting_that_nobody_set_has_its_default(folder):
    values = values_of(folder, {})
    assert set(values) == set(DEFAULTS)
    assert values["grace_days"] == Value("grace_days", "7", "default")


def test_file_overrides_the_default_and_the_environment_overrides_the_file(folder):
    write(folder, "grace_days = 6", "workers = 3")
    values = values_of(folder, {"HILF_WORKERS": "4"})
    assert values["grace_days"] == Value("grace_days", "6", str(folder / "hilf.toml"))
    assert values["workers"] == Value("workers", "4", "HILF_WORKERS")


def test_all_faults_are_said_at_once(folder):
    write(
        folder,
        "grace_day = 7",
        'gateway_url = "http://x"',
        'console = "here"',
        "grace_days = 8",
    )
    with pytest.raises(OperatorFault) as caught:
        values_of(folder, {"HILF_SYNC_EVERY_S": "-1"})
    assert (caught.value.code, caught.value.what) == (
        "settings.wrong",
        (
            "grace_day is no setting of hilf. sync_every_s must be a whole number, not '-1'. "
            "grace_days must be at most 7, not 8. gateway_url must begin with https://. "
            "console must be HOST:PORT, not 'here'."
        ),
    )


@pytest.mark.parametrize("listener", ["127.0.0.1:0", "[::1]:8443", "0.0.0.0:65535"])
def test_listener_has_a_host_and_a_port(folder, listener):
    write(folder, f'gateway = "{listener}"')
    assert examined(folder, {})[1] == ()


@pytest.mark.parametrize("listener", ["8443", ":8443", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:x"])
def test_what_is_no_listener_is_a_fault(folder, listener):
    write(folder, f'gateway = "{listener}"')
    assert examined(folder, {})[1] == (f"gateway must be HOST:PORT, not {listener!r}.",)


def test_node_without_a_name_is_a_fault(folder):
    (folder / "hilf.toml").write_text("")
    assert examined(folder, {})[1] == ("node must be the name that hilf init gave this node.",)


def test_file_that_is_no_toml_is_said(folder):
    (folder / "hilf.toml").write_text("node =")
    with pytest.raises(OperatorFault) as caught:
        values_of(folder, {})
    assert caught.value.code == "settings.unreadable"


def test_folder_without_settings_is_no_home(tmp_path):
    with pytest.raises(CallerFault) as caught:
        open_home(tmp_path)
    assert caught.value.code == "home.missing"


def test_home_without_a_database_is_said(folder, monkeypatch):
    monkeypatch.delenv("HILF_DATABASE_URL", raising=False)
    with pytest.raises(OperatorFault) as caught:
        open_home(folder)
    assert caught.value.code == "home.no-database"


def test_database_lies_in_the_home_unless_a_url_is_set(folder):
    assert database_url(folder, values_of(folder, {})) == str(folder / "hilf.sqlite3")
    url = "postgresql://192.0.2.5/hilf"
    assert database_url(folder, values_of(folder, {"HILF_DATABASE_URL": url})) == url


def test_gateway_url_has_no_slash_at_its_end(folder):
    write(folder, 'gateway_url = "https://192.0.2.5:8443/"')
    assert home_of(folder, values_of(folder, {})).gateway_url == "https://192.0.2.5:8443"


def test_a_mapping_of_markings_reaches_the_home_or_is_a_fault(folder):
    write(folder, 'mapped_markings = "acs=amber, cui=green"')
    assert home_of(folder, values_of(folder, {})).mapped == (("acs", Tlp.AMBER), ("cui", Tlp.GREEN))
    write(folder, 'mapped_markings = "nato=amber"')
    _, faults = examined(folder, {})
    assert [fault.partition(":")[0] for fault in faults] == ["mapped_markings"]


def test_a_table_is_a_group_of_settings_and_a_list_stays_one(folder):
    write(folder, "[notify]", 'command = ["pager", "duty officer"]', "repeat_hours = 6")
    values = values_of(folder, {"HILF_NOTIFY_LINK": "https://console.qm.example"})
    assert values["notify_repeat_hours"] == Value("notify_repeat_hours", "6", str(folder / "hilf.toml"))
    found = channels_of_home(folder)
    assert (found.command, found.repeat_hours, found.link) == (("pager", "duty officer"), 6, "")
    assert values["notify_link"].source == "HILF_NOTIFY_LINK"


def test_what_is_wrong_with_a_table_is_said(folder):
    write(folder, "[notify]", 'comand = "x"', 'webhook_url = "http://sms.qm.example/"')
    assert examined(folder, {})[1] == (
        "notify_comand is no setting of hilf.",
        "notify_webhook_url must begin with https://, or lead to this machine.",
    )
