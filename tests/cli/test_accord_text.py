"""`hilf accord show`: in which language, and against which version."""

# ruff: noqa: F401, F811  # fixtures are imported
import json

from tests.cli.nations import pair, present_nations
from tests.cli.test_accord import in_force


def test_show_prints_the_words_of_an_agreement_in_the_language_that_is_asked_for(pair):
    qm, _, run = pair
    (accord_id,) = in_force(run, qm)
    said = {
        lang: run(qm, "accord", "show", accord_id, "--lang", lang, as_json=False).output.splitlines()
        for lang in ("ar", "fr")
    }
    assert said["fr"][0] == "Échange de renseignements sur les cybermenaces"
    assert said["ar"][0] == "تبادل المعلومات الاستخبارية عن التهديدات السيبرانية"
    words = "يجوز إرسال المعلومات الموسومة بـ TLP:CLEAR أو TLP:GREEN إلى الطرف الآخر."
    assert f"  c-1 permit: {words}" in said["ar"]
    settings = qm.path / "hilf.toml"
    settings.write_text(settings.read_text().replace('language = "en"', 'language = "fr"'))
    assert run(qm, "accord", "show", accord_id, as_json=False).output.splitlines() == said["fr"]


def test_an_amendment_is_shown_against_the_version_before(pair, tmp_path):
    qm, _, run = pair
    (accord_id,) = in_force(run, qm)
    assert run(qm, "accord", "show", accord_id).document["changes"] == []
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"retention_days": 30}))
    run(qm, "accord", "amend", accord_id, "--from", file)
    days = run(qm, "accord", "show", accord_id).document["versions"][0]["changes"]
    assert days == []
    (change,) = run(qm, "accord", "show", accord_id).document["changes"]
    assert (change["place"], change["change"], change["after"]) == ("retention_days", "changed", 30)
    line = f"  retention_days: {change['before']} → 30"
    for command in ("show", "effects"):
        told = run(qm, "accord", command, accord_id, as_json=False).output.splitlines()
        assert told[told.index(line) - 1] == "Changes from version 1:"
        assert run(qm, "accord", command, accord_id).document["changes"] == [change]
