"""A partner node that misbehaves on demand: its own keys and stream, told by the rules of `federation`, and nothing of `node`.

`Partner` makes what a partner would send and judges what it is answered, as values; `Served` is the same partner behind
a real TLS socket, with a script of what to do wrong next. Everything a test wants to look at afterwards is kept.
"""

import secrets
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import zstandard

from hilf.canonical import Json, dumps, loads
from hilf.federation.act import Act, make_act
from hilf.federation.batch import Batch, make_batch, read_batch
from hilf.federation.outcome import Outcome, Result
from hilf.federation.receipt import make_receipt
from hilf.federation.reconcile import Ids, compare, read_comparison
from hilf.federation.state import Outgoing, make_state
from hilf.federation.stream import Position, beginning
from hilf.node import fresh
from hilf.seal import certificate
from hilf.seal.http import Request, Response, sign_request, sign_response, verify_response
from hilf.seal.identity import Document, draft_document, make_card, read_card, sign_document
from hilf.seal.key import PrivateKey
from hilf.store.federation import peer as peers

STIX_NAMESPACE = "00000000-0000-4000-8000-"


class Partner:
    """A partner of the node under test."""

    def __init__(
        self, me: str, node: str = "cert.qn.example", country: str = "QN", at: datetime | None = None
    ) -> None:
        self.me, self.node = me, node
        self.at = at or datetime.now(UTC)
        self.keys = {name: fresh.key() for name in ("root", "online", "officer")}
        self.tls_key, self.tls_certificate = fresh.tls("127.0.0.1", self.at)
        self.url = "https://127.0.0.1:1"
        self.theirs: dict[str, object] = {}
        self.position = beginning(me, node)
        """Where the node's stream to us stands here."""
        self.ours = beginning(node, me)
        """Where our stream to the node stands here."""
        self.held: list[str] = []
        """Ids of what the node sent and we applied."""
        self.country = country

    @property
    def key(self) -> PrivateKey:
        return self.keys["online"]

    @property
    def document(self) -> dict[str, Json]:
        return draft_document(
            node=self.node,
            name={"en": f"CERT of {self.country}"},
            country=self.country,
            seq=1,
            prev=None,
            issued=self.at - timedelta(days=1),
            expires=self.at + timedelta(days=300),
            threshold=1,
            root=[self.keys["root"].public],
            sign=[self.keys["online"].public],
            officers=[],
            officers_per_act=1,
            tls_sha256=[certificate.pin(self.tls_certificate)],
            endpoints=[self.url],
            revoked={},
        )

    @property
    def card(self) -> dict[str, Json]:
        document = self.document
        return make_card([(document, sign_document(document, [self.keys["root"], self.keys["online"]]))])

    def meet(self, document: Document) -> None:
        """Hold the node's identity."""
        self.theirs = dict(document.sign)

    # what a partner sends

    def act(self, kind: str = "ping", body: dict[str, Json] | None = None, **members: object) -> Act:
        given = {"accord": None, "purpose": "defence", "terms": {}} | members
        return make_act(kind, self.node, self.me, self.at, secrets.token_hex(16), body=body or {}, **given)

    def batch(self, acts: Sequence[Act], after: Position | None = None, **more: object) -> Batch:
        """The next batch, or one that claims to come after another position."""
        return make_batch(acts, after or self.ours, self.at, self.key, **more)

    def sent(self, batch: Batch) -> None:
        self.ours = batch.header.end

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        home_url: str,
        encoding: str = "identity",
        created: datetime | None = None,
        nonce: str | None = None,
        key: PrivateKey | None = None,
        to: str | None = None,
        node: str | None = None,
    ) -> Request:
        """A signed request; every part of it can be made wrong."""
        headers = () if body is None else (("content-encoding", encoding),)
        if body is not None and encoding == "zstd":
            body = zstandard.ZstdCompressor(write_content_size=True).compress(body)
        plain = Request(method, f"{home_url}/hilf/1/{path}", headers, body)
        at = int((created or self.at).timestamp())
        return sign_request(
            plain, node or self.node, key or self.key, to or self.me, at, nonce or secrets.token_hex(16)
        )

    def verified(self, response: Response, request: Request, at: datetime | None = None) -> Json:
        """The document of an answer that the node signed; fails when it did not."""
        now = int((at or self.at).timestamp())
        verify_response(response, request, {self.me: self.theirs}, now, lambda *_: False)
        return loads(response.body)

    # what a partner answers

    def receipt(self, batch: Batch, outcome: Outcome = Outcome.APPLIED) -> dict[str, Json]:
        return make_receipt(
            batch.header, [Result(act.id, outcome) for act in batch.acts], datetime.now(UTC), self.key
        )

    def compared(self, body: bytes) -> dict[str, Json]:
        """The answer to a comparison, by the ids of what was applied."""
        question = read_comparison(loads(body), self.me, self.node)
        return compare(question, self.me, self.node, Ids([bytes.fromhex(each) for each in self.held]).within)

    def state(self) -> dict[str, Json]:
        out = Outgoing(self.ours.epoch, self.ours.seq + 1, self.ours.chain, self.ours.seq)
        return make_state(self.node, self.me, self.position, out, datetime.now(UTC), self.key)


def introduce(partner: Partner, state: str = "verified") -> None:
    """Let the node whose database is in use know the partner, as if people had verified each other."""
    from hilf.node import identity

    at_us = 1
    known = read_card(partner.card, partner.at)
    identity.keep(known, 0, partner.at)
    peers.introduce(partner.node, "introduced", known.fingerprint, None, at_us)
    if state != "introduced":
        peers.verify(partner.node, "verified", at_us)
    if state not in {"introduced", "verified"}:
        peers.distrust(partner.node, state, "for a test")


@dataclass
class Exchange:
    """One request that reached the partner, and the batch in it, if there was one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    batch: Batch | None = None

    @property
    def unpacked(self) -> bytes:
        """The body, out of its encoding."""
        if self.headers.get("content-encoding") == "zstd":
            return zstandard.ZstdDecompressor().decompress(self.body)
        return self.body


Wrong = Callable[["Served", BaseHTTPRequestHandler, Exchange], Response | None]
"""What to do instead of the right thing; None when it has dealt with the socket itself."""


class Served:
    """The partner behind a TLS socket. `script` maps a path to the wrong things to do next, one for each request."""

    def __init__(self, partner: Partner, folder: Path) -> None:
        self.partner = partner
        self.script: dict[str, deque[Wrong]] = {}
        self.seen: list[Exchange] = []
        self.connections: set[int] = set()
        self.stopping = threading.Event()
        certificate_file, key_file = folder / "partner.crt", folder / "partner.key"
        certificate_file.write_bytes(partner.tls_certificate)
        key_file.write_bytes(partner.tls_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificate_file, key_file)
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: object) -> None:
                pass

            def do_GET(self) -> None:
                served.handle(self)

            def do_POST(self) -> None:
                served.handle(self)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        partner.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def then(self, path: str, *wrongs: Wrong) -> None:
        """Do these wrong things with the next requests to `path`."""
        self.script.setdefault(path, deque()).extend(wrongs)

    @property
    def batches(self) -> list[Batch]:
        """Every batch that arrived, again as often as it was sent."""
        return [each.batch for each in self.seen if each.batch is not None]

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        self.connections.add(handler.client_address[1])
        size = int(handler.headers.get("content-length") or 0)
        exchange = Exchange(
            handler.command,
            handler.path.rsplit("/", 1)[-1],
            dict(handler.headers.items()),
            handler.rfile.read(size),
        )
        if exchange.path == "acts":
            body = exchange.unpacked
            partner = self.partner
            own = {partner.key.kid: partner.key.public}
            exchange.batch = read_batch(loads(body), partner.me, partner.node, partner.theirs, own)
        self.seen.append(exchange)
        waiting = self.script.get(exchange.path)
        answer = (waiting.popleft() if waiting else right)(self, handler, exchange)
        if answer is not None:
            write(handler, answer)

    def signed(self, exchange: Exchange, response: Response, **more: object) -> Response:
        """The answer as the partner signs it."""
        request = Request(
            exchange.method, "", tuple((k.lower(), v) for k, v in exchange.headers.items()), None
        )
        made = {"node": self.partner.node, "key": self.partner.key, "created": int(time.time())} | more
        return sign_response(response, request, nonce=secrets.token_hex(16), **made)


def write(handler: BaseHTTPRequestHandler, answer: Response) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body)


def right(served: Served, _handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
    """What a partner does that behaves."""
    partner = served.partner
    if exchange.path == "identity":
        document: Json = partner.card
    elif exchange.path == "state":
        document = partner.state()
    elif exchange.path == "reconcile":
        document = partner.compared(exchange.unpacked)
    else:
        batch = exchange.batch
        assert batch is not None
        document = partner.receipt(batch)
        opens = batch.opening is not None and batch.opening.incoming == partner.position
        if opens or batch.header.first == partner.position.seq + 1:
            partner.position = batch.header.end
            partner.held += batch.ids
    return served.signed(exchange, Response(200, (), dumps(document)))


def problem(status: int, code: str = "for.a-test", retry_after: int | None = None, **members: Json) -> Wrong:
    """Answer with a problem document, signed."""

    def wrong(served: Served, _handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
        headers = () if retry_after is None else (("retry-after", str(retry_after)),)
        body = dumps({"status": status, "code": code, **members})
        return served.signed(exchange, Response(status, headers, body))

    return wrong


def after_applying(wrong: Wrong) -> Wrong:
    """Apply the batch as one should, and then answer wrongly: the receipt is lost on the way."""

    def both(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response | None:
        right(served, handler, exchange)
        return wrong(served, handler, exchange)

    return both


def hang_up(_served: Served, handler: BaseHTTPRequestHandler, _exchange: Exchange) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def twice(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> None:
    """Answer twice: the second answer waits in the connection for the next question."""
    answer = right(served, handler, exchange)
    write(handler, answer)
    write(handler, answer)


def never(served: Served, handler: BaseHTTPRequestHandler, _exchange: Exchange) -> None:
    """Keep the connection and say nothing."""
    served.stopping.wait(30)
    handler.close_connection = True


def drip(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> None:
    """Answer a byte at a time, so that no single wait is long."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(10_000):
            handler.wfile.write(b"x-%d: y\r\n" % n)
            handler.wfile.flush()
            if served.stopping.wait(0.05):
                return
        write(handler, right(served, handler, exchange))
    except OSError:
        return


def late(seconds: float) -> Wrong:
    """Answer rightly, but late."""

    def wrong(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
        served.stopping.wait(seconds)
        return right(served, handler, exchange)

    return wrong


def huge(served: Served, handler: BaseHTTPRequestHandler, _exchange: Exchange) -> None:
    """Answer without an end."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
        while not served.stopping.is_set():
            handler.wfile.write(b"x" * 65536)
    except OSError:
        return


def unsigned(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
    """The right answer, but nobody signed it."""
    return Response(200, (("content-type", "application/hilf+json"),), right(served, handler, exchange).body)


def by_another_key(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
    """The right answer under the partner's kid, but signed by somebody else's key."""
    answer = right(served, handler, exchange)
    stranger = fresh.key()
    forged = served.signed(exchange, Response(200, (), answer.body), key=stranger)
    kid = served.partner.key.kid
    return Response(200, tuple((n, v.replace(stranger.kid, kid)) for n, v in forged.headers), forged.body)


def document(make: Callable[[Served, Exchange], Json]) -> Wrong:
    """Another document, properly signed."""

    def wrong(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
        right(served, handler, exchange)
        return served.signed(exchange, Response(200, (), dumps(make(served, exchange))))

    return wrong


def raw(status: int, body: bytes, *headers: tuple[str, str]) -> Wrong:
    """These bytes, unsigned, as a proxy in between may answer."""
    return lambda _served, _handler, _exchange: Response(status, headers, body)


def with_clock(offset: timedelta) -> Wrong:
    """The right answer by a clock that is wrong."""

    def wrong(served: Served, handler: BaseHTTPRequestHandler, exchange: Exchange) -> Response:
        answer = right(served, handler, exchange)
        return served.signed(
            exchange, Response(200, (), answer.body), created=int(time.time() + offset.total_seconds())
        )

    return wrong


@contextmanager
def serving(partner: Partner, folder: Path):
    """The partner behind a socket for a while."""
    served = Served(partner, folder)
    try:
        yield served
    finally:
        served.close()
