"""A feed over TLS: trusted or refused, streamed, never followed elsewhere."""

import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hilf.errors import CallerFault, OperatorFault
from hilf.node import intake
from hilf.seal.certificate import self_signed
from hilf.wire import feed
from tests.conftest import NOW
from tests.stix_objects import an_indicator, bundle


class Feeds(BaseHTTPRequestHandler):
    def log_message(self, *_args):
        pass

    def do_GET(self):
        self.server.seen.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/feed.json")
            self.end_headers()
            return
        body = self.server.body
        self.send_response(200 if self.path in {"/feed.json", "/cut"} else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/cut" else body)
        self.close_connection = True


@contextmanager
def feeds(body, folder):
    key, certificate = self_signed("localhost", datetime.now(UTC), 1, bytes(range(64)))
    (folder / "feed.crt").write_bytes(certificate)
    (folder / "feed.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "feed.crt", folder / "feed.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Feeds) as server:
        server.body, server.seen, server.daemon_threads = body, [], True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server, f"https://localhost:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "feed.crt"))


def read(url):
    with feed.opened(url) as stream:
        return stream.read(1 << 20)


def test_a_feed_is_read_as_it_is(tmp_path, trusted):
    with feeds(b'{"some": "bytes"}', tmp_path) as (_, url):
        assert read(f"{url}/feed.json") == b'{"some": "bytes"}'


def test_a_feed_is_imported_like_a_file_and_again_changes_nothing(home, tmp_path, trusted):
    with feeds(bundle(an_indicator(1), an_indicator(2)), tmp_path) as (server, url):
        first = intake.import_files(home, [f"{url}/feed.json"], None, None, NOW)
        again = intake.import_files(home, [f"{url}/feed.json"], None, None, NOW)
    assert (first.new, again.new, again.duplicate) == (2, 0, 2)
    assert server.seen == ["/feed.json"] * 2


def test_a_feed_that_breaks_off_keeps_what_came_and_says_so(home, tmp_path, trusted):
    with feeds(b"".join(bundle(an_indicator(n)) + b"\n" for n in range(4000)), tmp_path) as (_, url):
        with pytest.raises(OperatorFault) as refused:
            intake.import_files(home, [f"{url}/cut"], None, None, NOW, chunk=100)
        assert refused.value.code == "import.unreadable"


def test_a_certificate_of_nobody_we_trust_is_refused(tmp_path):
    with feeds(b"[]", tmp_path) as (server, url):
        with pytest.raises(OperatorFault) as refused:
            read(f"{url}/feed.json")
        assert (refused.value.code, server.seen) == ("import.feed", [])


@pytest.mark.parametrize("path", ["/moved", "/gone"])
def test_another_answer_than_the_feed_is_refused_and_not_followed(path, tmp_path, trusted):
    with feeds(b"[]", tmp_path) as (server, url):
        with pytest.raises(OperatorFault) as refused:
            read(f"{url}{path}")
        assert (refused.value.code, server.seen) == ("import.feed", [path])


@pytest.mark.parametrize("url", ["http://feed.example/x", "https:///x", "ftp://feed.example/x"])
def test_what_is_no_https_address_is_refused(url):
    with pytest.raises(CallerFault) as refused:
        read(url)
    assert refused.value.code == "import.url"


def test_a_feed_that_is_not_there_is_an_operator_s_fault():
    with pytest.raises(OperatorFault) as refused:
        read("https://127.0.0.1:1/feed.json")
    assert refused.value.code == "import.feed"
