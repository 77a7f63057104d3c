"""`make bench`: every benchmark, each with its peer and its limit beside its own figure, from one run.

BENCH="--quick" runs a tenth of each; BENCH="intake" runs one. Each runs in a process of its own, so that the memory that
one needed is not counted for another.
"""

import argparse
import os
import platform
import subprocess
import sys

OBJECTS = {
    "intake": 100_000,
    "stream": 100_000,
    "release": 100_000,
    "reconcile": 1_000_000,
    "lookup": 1_000_000,
}


def main() -> None:
    """Run what was asked for, in an order that leaves the longest for last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", metavar="|".join(OBJECTS))
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    if unknown := set(chosen.which) - set(OBJECTS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before,"
        f" Python {platform.python_version()}",
        flush=True,
    )
    for name in chosen.which or OBJECTS:
        count = OBJECTS[name] // (10 if chosen.quick else 1)
        also = ["--postgresql"] if name == "intake" else []
        subprocess.run([sys.executable, "-m", f"bench.{name}", "--objects", str(count), *also], check=True)


if __name__ == "__main__":
    main()
