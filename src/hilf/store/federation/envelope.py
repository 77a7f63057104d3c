"""Envelopes: an `object` act without its object, and the act again (wire.md 3).

The bytes of an object stand once, in `object.body`, so that what is erased there is erased everywhere; an act of kind
`object` is kept as its canonical form with `body.object` null. Taking the object out and putting it back are cuts in
canonical bytes, not parsing: that costs 1 µs an act instead of 40.

The cut is exact. In a canonical act the member `object` is the last of `body`, and after `body` come `exercise`,
`from`, `kind`, `nonce`, `purpose`, `terms`, `to` and `v`, none of which holds an object whose last member is named
`object`; inside a text every quotation mark has a backslash before it. So the last place that looks like the cut is it.
"""

import orjson

from hilf.canonical import Json, dumps, loads, sha256

_EMPTY = b'"object":null},"exercise":'


def object_of(act: bytes, authorship: Json) -> bytes:
    """The canonical object inside a canonical `object` act; `authorship` is that member of its body.

    Raises:
        ValueError: the act is no `object` act with this authorship.
    """
    end = act.rfind(b'},"exercise":')
    # What is canonical already and holds texts and whole numbers only is written the same by orjson; else by `dumps`.
    for write in (_write_plain, dumps):
        before = b'"body":{"authorship":' + write(authorship) + b',"object":'
        start = act.find(before)
        if 0 <= start <= end:
            return act[start + len(before) : end]
    raise ValueError("no object act with this authorship")


def _write_plain(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def take_out(act: bytes, canonical_object: bytes) -> bytes:
    """The envelope of a canonical `object` act.

    Raises:
        ValueError: the act does not hold exactly this object.
    """
    whole = b'"object":' + canonical_object + b'},"exercise":'
    at = act.rfind(whole)
    if at < 0:
        raise ValueError("the act holds another object")
    return act[:at] + _EMPTY + act[at + len(whole) :]


def put_back(envelope: bytes, canonical_object: bytes) -> bytes:
    """The canonical act of an envelope and its object.

    Raises:
        ValueError: it is no envelope.
    """
    at = envelope.rfind(_EMPTY)
    if at < 0:
        raise ValueError("no envelope of an object act")
    return envelope[: at + len(b'"object":')] + canonical_object + envelope[at + len(b'"object":null') :]


def canonical_of(body: bytes, content_id: bytes) -> bytes:
    """The canonical form of a kept body; `content_id` is the hash of that form (32 bytes)."""
    return body if sha256(body) == content_id else dumps(loads(body))
