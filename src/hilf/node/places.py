"""Where each object stands among the rows of a selection, in twelve bytes for each row.

A dictionary would take ten times as much, and a selection may be of millions. Keys are those of `store/intelligence/index`:
64 bits under the secret of this node, so nobody can make two ids meet; among ten million objects two do so by chance in
three of a million selections.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

_BUCKETS: Final = 256


class Places:
    """Rows by the key of their object. Rows are put in order, then it is made ready, then it is asked."""

    def __init__(self) -> None:
        self._keys = [array("q") for _ in range(_BUCKETS)]
        self._rows = [array("I") for _ in range(_BUCKETS)]

    def put(self, key: int, row: int) -> None:
        """Say that an object stands in a row; later rows have greater numbers."""
        bucket = key % _BUCKETS
        self._keys[bucket].append(key)
        self._rows[bucket].append(row)

    def ready(self) -> None:
        """Sort what was put in, bucket by bucket, so that little more memory is taken meanwhile."""
        for bucket, keys in enumerate(self._keys):
            rows = self._rows[bucket]
            order = sorted(range(len(keys)), key=keys.__getitem__)
            self._keys[bucket] = array("q", map(keys.__getitem__, order))
            self._rows[bucket] = array("I", map(rows.__getitem__, order))

    def first(self, key: int) -> int | None:
        """The first row of an object; None where it has none."""
        keys = self._keys[key % _BUCKETS]
        at = bisect_left(keys, key)
        return self._rows[key % _BUCKETS][at] if at < len(keys) and keys[at] == key else None

    def shared(self) -> Iterator[tuple[int, ...]]:
        """The rows of each object that has more than one, in order."""
        for keys, rows in zip(self._keys, self._rows, strict=True):
            start = 0
            for end in range(1, len(keys) + 1):
                if end == len(keys) or keys[end] != keys[start]:
                    if end - start > 1:
                        yield tuple(rows[start:end])
                    start = end
