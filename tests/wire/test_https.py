"""One partner over TLS: the pin decides, and every wait has an end."""

import ssl
import time

import pytest

from hilf.errors import PartnerFault
from hilf.seal.certificate import pin
from hilf.seal.http import Request
from hilf.wire.https import Connection, Patience
from tests import partner as wrongly
from tests.partner import Partner, serving

HASTY = Patience(connect_s=1, read_s=0.4, whole_s=0.8, answer_bytes=10_000)


@pytest.fixture
def served(tmp_path):
    with serving(Partner("cert.qm.example"), tmp_path) as served:
        yield served


def connection(served, *pins):
    return Connection(served.partner.url, pins or (pin(served.partner.tls_certificate),), HASTY)


def asked(served):
    return Request("GET", f"{served.partner.url}/hilf/1/identity", (), None)


def then(served, *wrongs):
    served.then("identity", *wrongs)


def test_an_answer_comes_back_with_its_fields_in_lower_case(served):
    then(served, wrongly.raw(418, b"short and stout", ("X-Pot", "tea")))
    with connection(served) as there:
        answer = there.exchange(asked(served))
    assert (answer.status, answer.body, dict(answer.headers)["x-pot"]) == (418, b"short and stout", "tea")


def test_a_field_that_comes_twice_is_there_twice(served):
    then(served, wrongly.raw(200, b"", ("signature", "a"), ("signature", "b")))
    with connection(served) as there:
        answer = there.exchange(asked(served))
    assert [value for name, value in answer.headers if name == "signature"] == ["a", "b"]


def test_any_of_several_pins_will_do(served):
    then(served, wrongly.raw(200, b"ok"))
    with connection(served, "0" * 64, pin(served.partner.tls_certificate)) as there:
        assert there.exchange(asked(served)).body == b"ok"


@pytest.mark.parametrize("pins", [("0" * 64,), ("",)])
def test_another_certificate_is_refused_before_anything_is_sent(served, pins):
    with connection(served, *pins) as there, pytest.raises(PartnerFault, match="wire: certificate"):
        there.exchange(asked(served))
    assert served.seen == []


def test_no_pin_at_all_trusts_nobody(served):
    there = Connection(served.partner.url, (), HASTY)
    with pytest.raises(PartnerFault, match="wire: certificate"):
        there.exchange(asked(served))


def test_a_redirect_is_an_answer_and_is_not_followed(served):
    then(served, wrongly.raw(302, b"", ("location", f"{served.partner.url}/hilf/1/elsewhere")))
    with connection(served) as there:
        assert there.exchange(asked(served)).status == 302
    assert [each.path for each in served.seen] == ["identity"]


def test_a_connection_is_kept_for_the_next_request(served):
    then(served, wrongly.raw(200, b"1"), wrongly.raw(200, b"2"))
    with connection(served) as there:
        assert there.exchange(asked(served)).body == b"1"
        assert there.exchange(asked(served)).body == b"2"
    assert len(served.connections) == 1


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (wrongly.hang_up, "wire: broken off"),
        (wrongly.never, "wire: too late"),
        (wrongly.drip, "wire: too late"),
        (wrongly.late(0.6), "wire: too late"),
        (wrongly.huge, "wire: answer too large"),
    ],
    ids=["hang up", "never", "drip", "late", "huge"],
)
def test_every_wait_has_an_end_and_the_next_request_starts_anew(served, wrong, rule):
    then(served, wrong, wrongly.raw(200, b"ok"))
    began = time.monotonic()
    with connection(served) as there:
        with pytest.raises(PartnerFault) as fault:
            there.exchange(asked(served))
        assert (fault.value.rule, time.monotonic() - began < 3) == (rule, True)
        assert there.exchange(asked(served)).body == b"ok"


def test_nobody_there_is_unreachable():
    with Connection("https://127.0.0.1:1", ("0" * 64,), HASTY) as there, pytest.raises(PartnerFault) as fault:
        there.exchange(Request("GET", "https://127.0.0.1:1/hilf", (), None))
    assert fault.value.rule == "wire: unreachable"


def test_tls_before_1_3_is_refused(tmp_path):
    partner = Partner("cert.qm.example")
    with serving(partner, tmp_path) as served:
        context = served.server.socket.context
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with connection(served) as there, pytest.raises(PartnerFault) as fault:
            there.exchange(asked(served))
    assert fault.value.rule == "wire: tls"
