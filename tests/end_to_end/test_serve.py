"""`hilf serve` as a process: who may ask what over a real socket, what slow clients can hold, how it stops."""

import os
import shutil
import signal
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from tests.end_to_end.nodes import hilf, make_pair, serving, until


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node that serves, with one gateway worker: what holds that one holds the node."""
    one, other = make_pair(tmp_path_factory.mktemp("served"))
    shutil.rmtree(other.path)
    process = serving(one, "--no-worker")
    process.start()
    said = process.line()
    yield one, process, said
    process.kill()


def address(node):
    host, port = node[2]["bound"].split(":")
    return host, int(port)


@contextmanager
def connected(node, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in options.items():
        setattr(context, name, value)
    with socket.create_connection(address(node), timeout=30) as plain, context.wrap_socket(plain) as tls:
        yield tls


def ask(node, text, body=b""):
    """Send bytes as they are; status, fields and body of the answer."""
    with connected(node) as tls:
        tls.sendall(text.encode() + body)
        return answer(tls)


def answer(tls):
    data = b""
    while b"\r\n\r\n" not in data:
        part = tls.recv(65536)
        if not part:
            return None, {}, data
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    while len(rest) < int(fields.get("content-length", 0)):
        rest += tls.recv(65536)
    return int(lines[0].split()[1]), fields, rest


def get(node, path, *more):
    return ask(node, "\r\n".join([f"GET {path} HTTP/1.1", "Host: anything", *more, "", ""]))


def test_it_says_where_it_can_be_reached(node):
    one, process, said = node
    assert said == {"gateway": one.home().gateway_url, "bound": said["bound"], "pid": process.running.pid}


def test_anyone_may_ask_for_versions_and_identity(node):
    from hilf.node import identity

    status, fields, body = get(node, "/hilf")
    assert (status, orjson.loads(body)) == (200, {"versions": ["1"]})
    status, fields, body = get(node, "/hilf/1/identity")
    assert (status, body) == (200, identity.card(identity.own(node[0].home())))
    assert {"set-cookie", "signature"}.isdisjoint(fields)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /hilf/1/state", 401),
        ("GET /hilf/1/acts", 405),
        ("GET /hilf/1/reconcile", 405),
        ("GET /hilf/1/", 404),
        ("GET /", 404),
        ("GET /admin/", 404),
        ("GET /hilf/1/identity/../state", 404),
        ("PUT /hilf/1/acts", 405),
        ("DELETE /hilf/1/identity", 405),
        ("BREW /hilf", 200),
    ],
)
def test_everything_else_is_refused_by_name_and_never_with_5xx(node, request_line, status):
    got, _, body = ask(node, f"{request_line} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got == status
    if status != 200:
        assert orjson.loads(body)["status"] == status


@pytest.mark.parametrize(
    "head",
    [
        "POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /hilf HTTP/9.9\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /hilf HTTP/1.1\r\nHost: x\r\n" + "x: y\r\n" * 500 + "\r\n",
        "GET /hilf HTTP/1.1\r\nHost: x\r\nx: " + "y" * 1_000_000 + "\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_4xx_or_nothing(node, head):
    try:
        status, _, _ = ask(node, head)
    except OSError:
        status = None
    assert status is None or 400 <= status < 500
    assert get(node, "/hilf")[0] == 200


def test_a_body_beyond_8_mib_is_refused_while_it_comes(node):
    with connected(node) as tls:
        tls.sendall(b"POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n")
        sent = 0
        try:
            while sent < 104_857_600:
                tls.sendall(b"x" * 1_000_000)
                sent += 1_000_000
        except OSError:
            pass
        assert sent < 60_000_000
    assert get(node, "/hilf")[0] == 200


def test_a_stranger_with_a_large_body_is_answered_before_it_is_read(node):
    """The signature covers the digest of the body: without one, none of its megabytes has to be held."""
    with connected(node) as tls:
        tls.sendall(
            b"POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 100_000
        )
        status, _, body = answer(tls)
        assert (status, orjson.loads(body)["code"]) == (401, "http.unsigned")


def test_a_stranger_who_signs_gets_a_signed_no_before_his_large_body_is_read(node):
    from hilf.node import fresh
    from hilf.node.home import online_key
    from hilf.seal.http import Request, Response, sign_request, verify_response

    home, body = node[0].home(), b"x" * 8_000_000
    plain = Request("POST", f"{home.gateway_url}/hilf/1/acts", (), body)
    request = sign_request(plain, "cert.zz.example", fresh.key(), home.node, int(time.time()), "1" * 32)
    head = ["POST /hilf/1/acts HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in request.headers]
    with connected(node) as tls:
        tls.sendall("\r\n".join([*head, "", ""]).encode() + body[:100_000])
        status, answered, told = answer(tls)
    ours = {home.node: {online_key(home).kid: online_key(home).public}}
    response = Response(status, tuple(answered.items()), told)
    assert verify_response(response, request, ours, int(time.time()), lambda *_: False).node == home.node
    assert (status, orjson.loads(told)["code"]) == (401, "http.unknown-kid")


def test_clients_that_send_their_body_slowly_hold_nobody_up(node):
    """With granian's WSGI interface one of them held the only thread: a second request waited as long as it slept."""
    with connected(node) as one, connected(node) as other:
        for slow in (one, other):
            slow.sendall(b"POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        time.sleep(0.2)
        began = time.monotonic()
        assert get(node, "/hilf")[0] == 200
        assert time.monotonic() - began < 2
        one.sendall(b"67890")
        assert answer(one)[0] == 401


def test_clients_that_send_their_head_slowly_or_nothing_hold_nobody_up(node):
    with connected(node) as silent, connected(node) as slow:
        slow.sendall(b"GET /hi")
        began = time.monotonic()
        assert get(node, "/hilf")[0] == 200
        assert time.monotonic() - began < 2
        del silent


def test_tls_before_1_3_is_refused(node):
    with (
        pytest.raises(OSError, match=r"(?i)alert|version|reset|eof"),
        connected(node, maximum_version=ssl.TLSVersion.TLSv1_2) as tls,
    ):
        tls.sendall(b"GET /hilf HTTP/1.1\r\n\r\n")


def test_host_and_query_decide_nothing(node):
    from hilf.node import identity

    card = identity.card(identity.own(node[0].home()))
    assert get(node, "/hilf/1/identity?x=1", "X-Forwarded-Host: 192.0.2.1")[2] == card


def test_an_address_that_is_none_is_answered_signed_to_whoever_signs(node):
    from hilf.node import fresh
    from hilf.node.home import online_key
    from hilf.seal.http import Request, Response, sign_request, verify_response

    home = node[0].home()
    plain = Request("GET", f"{home.gateway_url}/hilf/1/lookup", (), None)
    request = sign_request(plain, "cert.zz.example", fresh.key(), home.node, int(time.time()), "0" * 32)
    fields = [f"{name}: {value}" for name, value in request.headers]
    status, answered, body = get(node, "/hilf/1/lookup", *fields)
    ours = {home.node: {online_key(home).kid: online_key(home).public}}
    response = Response(status, tuple(answered.items()), body)
    assert verify_response(response, request, ours, int(time.time()), lambda *_: False).node == home.node
    assert orjson.loads(body)["code"] == "http.no-such-address"


def test_a_second_serve_on_the_same_home_says_who_serves(node):
    code, document = hilf(node[0], "serve", "--gateway", "127.0.0.1:1")
    assert (code, document["error"]["code"]) == (3, "serve.locked")
    assert f"process {node[1].running.pid}, since 20" in document["error"]["what"]


def test_the_command_line_works_beside_it(node):
    assert hilf(node[0], "receipts")[0] == 0


def test_a_port_that_is_taken_is_said_so(pair):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, document = hilf(pair[0], "serve", "--gateway", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (code, document["error"]["code"]) == (3, "serve.port")


@pytest.mark.parametrize("text", ["8443", "host:", "host:99999", "host:x"])
def test_an_address_that_is_none_is_wrong_use(pair, text):
    code, document = hilf(pair[0], "serve", "--gateway", text)
    assert (code, document["error"]["code"]) == (2, "serve.address")


def test_sigterm_stops_everything_in_two_seconds_and_the_lock_is_free(pair):
    process = serving(pair[0], console=True)
    process.start()
    process.line()
    children = process.children()
    assert len(children) >= 6
    began = time.monotonic()
    process.running.send_signal(signal.SIGTERM)
    assert process.running.wait(10) == 0
    took = time.monotonic() - began
    assert took < 2.5, took  # 1.5 s for children, and what a busy machine takes to run them
    assert not [pid for pid, _ in children if Path(f"/proc/{pid}").exists()]
    process.running.stdout.close()
    again = serving(pair[0], console=True)
    again.start()
    assert again.line()["gateway"] == pair[0].home().gateway_url
    again.kill()


def test_children_end_with_their_parent_however_it_ends(pair):
    process = serving(pair[0], console=True)
    process.start()
    process.line()
    children = [pid for pid, _ in process.children()]
    os.kill(process.running.pid, signal.SIGKILL)
    process.running.wait()
    process.running.stdout.close()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 10, "the end of the children")


def test_a_child_that_is_killed_is_started_again(pair):
    process = serving(pair[0], console=True)
    process.start()
    try:
        process.line()
        for pid, _ in process.children():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        url = pair[0].home().gateway_url
        host, port = url.removeprefix("https://").split(":")
        served = (pair[0], process, {"bound": f"{host}:{port}"})

        def answers():
            try:
                return get(served, "/hilf")[0] == 200
            except OSError:
                return False

        until(answers, 30, "an answer")
    finally:
        process.kill()


@pytest.mark.nightly
def test_many_slow_clients_are_let_go_when_their_time_is_over(node):
    """20 s is the time for a body; tests/gateway/test_door.py says the same with a shorter one."""
    ends = []

    def slow():
        with connected(node) as tls:
            tls.settimeout(40)
            tls.sendall(b"POST /hilf/1/acts HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
            ends.append(answer(tls)[0])

    threads = [threading.Thread(target=slow) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    assert get(node, "/hilf")[0] == 200
    assert time.monotonic() - began < 2
    for thread in threads:
        thread.join(45)
    assert ends == [408] * 20
