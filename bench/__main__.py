"""`make bench`: every benchmark, each with its peer and its limit beside its own figure, from one run.

BENCH="--quick" runs a tenth of each; BENCH="intake" runs one.
"""

import argparse
import os
import platform

from bench import intake, lookup, stream


def main() -> None:
    """Run what was asked for, in an order that leaves the longest for last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", metavar="intake|stream|lookup")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    part = 10 if chosen.quick else 1
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, load {load:.1f} before, Python {platform.python_version()}",
        flush=True,
    )
    runs = {
        "intake": lambda: intake.run(100_000 // part),
        "stream": lambda: stream.run(100_000 // part),
        "lookup": lambda: lookup.run(1_000_000 // part),
    }
    if unknown := set(chosen.which) - set(runs):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for name in chosen.which or runs:
        runs[name]()


if __name__ == "__main__":
    main()
