"""How many questions, bytes and seconds two nodes take to find out what differs between a million acts (wire.md 6)."""

import argparse
import secrets
import time

from hilf.canonical import dumps, loads
from hilf.federation.reconcile import (
    MOST_RANGES,
    Comparison,
    Ids,
    compare,
    first_ranges,
    read_compared,
    read_comparison,
)

ASKER, GIVER = "cert.qm.example", "cert.qn.example"


def measure(here: list[bytes], there: list[bytes]) -> None:
    began = time.process_time()
    ours = Ids(here)
    following, questions, size, differ = first_ranges(ours), 0, 0, 0
    while following:
        question = Comparison(ASKER, following[:MOST_RANGES])
        asked = dumps(question.json(ASKER, GIVER))
        theirs = Ids(there)  # the giver keeps nothing between two questions
        answer = dumps(compare(read_comparison(loads(asked), ASKER, GIVER), ASKER, GIVER, theirs.within))
        compared = read_compared(loads(answer), question, ASKER, GIVER, ours)
        differ += len(compared.only_there) + len(compared.only_here)
        following = (*compared.open, *following[MOST_RANGES:])
        questions, size = questions + 1, size + len(asked) + len(answer)
    seconds = time.process_time() - began
    print(
        f"{len(here):>9,} | {len(there):>9,} | {differ:>9,} | {questions:>3} | {size / 1e6:8.2f} MB | {seconds:6.1f} s"
    )


def main() -> None:
    """Compare sets that differ in nothing, in a little, in a half and in everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    count = parser.parse_args().objects
    many = [secrets.token_bytes(32) for _ in range(count)]
    print("     here |     there |    differ |  questions, bytes, processor time of both")
    for here in (many, many[5:], many[500:], many[: count // 2], []):
        measure(here, many)


if __name__ == "__main__":
    main()
