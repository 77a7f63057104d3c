"""One run of a program of the operator's choosing, without a shell, such as one that sends an SMS.

It gets the message as JSON on standard input and no variable of this process but PATH and a language: keys and passwords of a
node lie in its environment or beside it. What it prints is not kept.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from hilf.errors import OperatorFault

TIMEOUT_S: Final = 30.0


def run(command: Sequence[str], message: bytes) -> None:
    """Run a program to its end, half a minute at most; exit code 0 is good.

    Raises:
        OperatorFault: "notify.command".
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    try:
        process = subprocess.Popen(  # noqa: S603  # the operator names it in the settings; no shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise _fault(f"it cannot be started ({error.strerror})") from error
    with process:
        try:
            process.communicate(message, TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise _fault(f"it did not end within {TIMEOUT_S:.0f} s and was stopped") from error
    if process.returncode:
        raise _fault(f"it ended with {process.returncode}")


def _fault(why: str) -> OperatorFault:
    return OperatorFault(
        "notify.command",
        f"The command did not take the message: {why}.",
        "",
        "Check notify_command in hilf.toml, then: hilf notify test",
    )
