"""The door: bodies wait outside under limits of size and time, and go in one by one (without a socket)."""

import asyncio
import time
from contextlib import suppress

from hilf.gateway.door import UNJUDGED_BYTES, Door
from hilf.gateway.federation import FIELDS
from hilf.seal.http import Response


class Fields:
    def __init__(self, *pairs):
        self.pairs = pairs

    def items(self):
        return self.pairs


class Scope:
    proto, method, path, query_string = "http", "POST", "/hilf/1/acts", ""

    def __init__(self, *pairs):
        self.headers = Fields(*pairs)


class Exchange:
    """A client that sends these pieces, each after a pause."""

    def __init__(self, *pieces, pause=0.0, breaks=False):
        self.pieces, self.pause, self.breaks, self.answer = pieces, pause, breaks, None

    async def __aiter__(self):
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            yield piece
        if self.breaks:
            raise RuntimeError("the client went away")

    def response_bytes(self, status, headers, body):
        self.answer = status, dict(headers), body


def echo(seen):
    def wsgi(environ, start):
        seen.append(environ)
        start("200 OK", [("Content-Type", "x/y")])
        return [environ["wsgi.input"].read()]

    return wsgi


def door(seen=None, refusal=lambda *_: None, **limits):
    return Door(echo([] if seen is None else seen), refusal, **limits)


def through(door, *exchanges, scope=None):
    async def all_of_them():
        await asyncio.gather(*(door.__rsgi__(scope or Scope(), each) for each in exchanges))

    asyncio.run(all_of_them())
    return [each.answer for each in exchanges]


def test_a_whole_request_goes_in_with_its_fields_as_they_came():
    seen = []
    scope = Scope(("Hilf-To", "a"), ("Hilf-To", "b"), ("Content-Type", "application/hilf+json"))
    ((status, headers, body),) = through(door(seen), Exchange(b"ab", b"cd"), scope=scope)
    assert (status, headers, body) == (200, {"content-type": "x/y"}, b"abcd")
    (environ,) = seen
    assert environ[FIELDS] == (("hilf-to", "a"), ("hilf-to", "b"), ("content-type", "application/hilf+json"))
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("application/hilf+json", "4")


def test_a_body_that_comes_too_slowly_is_given_up_and_the_others_are_not_kept_waiting():
    slow, quick = Exchange(*[b"x"] * 100, pause=0.02), Exchange(b"quick")
    answers = through(door(body_timeout_s=0.1), slow, quick)
    assert [status for status, _, _ in answers] == [408, 200]


def test_a_body_that_is_too_large_never_goes_in():
    seen = []
    ((status, _, body),) = through(door(seen, most_body_bytes=10), Exchange(b"123456", b"78901"))
    assert (status, body, seen) == (413, b'{"code":"body.too-large","status":413}', [])
    assert through(door(seen, most_body_bytes=11), Exchange(b"123456", b"78901"))[0][0] == 200


def test_many_bodies_at_once_are_asked_to_come_later():
    together = [Exchange(b"x" * 60, b"x" * 10, pause=0.02) for _ in range(3)]
    answers = through(door(most_gathered_bytes=150), *together)
    assert sorted(status for status, _, _ in answers) == [200, 200, 503]
    assert [headers["retry-after"] for status, headers, _ in answers if status == 503] == ["5"]


def test_what_was_counted_is_given_back_whatever_happens():
    one = door(most_gathered_bytes=100, most_body_bytes=90, body_timeout_s=0.1)
    for wrong in (Exchange(b"x" * 95), Exchange(b"x" * 50, b"x" * 50, pause=0.08), Exchange(b"x" * 80)):
        through(one, wrong)
    with suppress(RuntimeError):
        through(one, Exchange(b"x" * 80, breaks=True))
    assert through(one, Exchange(b"x" * 90))[0][0] == 200


def test_a_websocket_is_no_request():
    scope = Scope()
    scope.proto = "ws"
    assert through(door(), Exchange(), scope=scope) == [None]


class Counted(Exchange):
    """Counts the pieces that were read."""

    async def __aiter__(self):
        self.read = 0
        async for piece in super().__aiter__():
            self.read += 1
            yield piece


PIECE = b"x" * (UNJUDGED_BYTES // 4)


def test_a_large_body_is_read_on_only_where_its_head_is_not_refused():
    seen, asked = [], []

    def refusal(method, path, query, fields):
        asked.append((method, path, query, fields))
        return Response(401, (("Content-Type", "x/y"),), b"no") if ("hilf-to", "a") not in fields else None

    one = door(seen, refusal, most_gathered_bytes=40 * len(PIECE))
    stranger, partner = Counted(*[PIECE] * 20), Counted(*[PIECE] * 20)
    ((status, headers, body),) = through(one, stranger)
    assert (status, headers, body) == (401, {"content-type": "x/y", "connection": "close"}, b"no")
    assert (stranger.read, seen) == (5, [])
    known = Scope(("Hilf-To", "a"))
    assert through(one, partner, scope=known) == [(200, {"content-type": "x/y"}, PIECE * 20)]
    assert asked == [
        ("POST", "/hilf/1/acts", "", ()),
        ("POST", "/hilf/1/acts", "", (("hilf-to", "a"),)),
    ], "each head is judged once"
    assert through(one, Counted(*[PIECE] * 40), scope=known)[0][0] == 200, "what was counted is given back"


def test_a_small_body_is_read_from_anybody_and_judged_whole():
    def refusal(*_):
        raise AssertionError

    assert through(door([], refusal), Exchange(*[PIECE] * 4))[0][0] == 200


def test_what_judging_takes_is_not_of_the_clients_time():
    def refusal(*_):
        time.sleep(0.3)

    one = door([], refusal, body_timeout_s=0.2)
    assert through(one, Exchange(*[PIECE] * 6))[0][0] == 200
    assert through(one, Exchange(*[PIECE] * 6, b"x", pause=0.04))[0][0] == 408
