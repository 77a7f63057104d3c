"""`hilf serve` and `hilf worker`: the processes of a node."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Final

import click
import orjson

from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault, PartnerFault

if TYPE_CHECKING:
    from hilf.node.home import Home

_READY_TIMEOUT_S: Final = 60.0
_ASK_EVERY_S: Final = 0.1


@click.command(epilog=example("hilf serve --gateway 0.0.0.0:8443"))
@click.option("--gateway", metavar="HOST:PORT", help="Where partners reach this node (default: the setting).")
@click.option("--console", metavar="HOST:PORT", help="Where people reach the console (default: the setting).")
@click.option("--no-console", is_flag=True, help="Without the console; people use the command line.")
@click.option("--no-worker", is_flag=True, help="Without the worker; run hilf worker elsewhere.")
@command
def serve(face: Face, gateway: str | None, console: str | None, no_console: bool, no_worker: bool) -> None:
    """Run console, gateway and worker until stopped; prints both addresses when they answer."""
    home = face.open() if no_console else face.open_pages()
    from hilf.gateway import server  # late, so that --help needs no server; loaded here once for all children
    from hilf.node.home import now
    from hilf.node.process import Child, only_one, supervise
    from hilf.settings import values_of
    from hilf.store import database

    values = values_of(home.path)
    host, port = _address(gateway or values["gateway"].text)
    workers = int(values["workers"].text)
    os.environ["HILF_HOME"] = str(home.path)
    certificate, key = home.keys / "tls.crt", home.keys / "tls.pem"
    children = [
        Child("gateway", lambda: server.serve(host, port, workers, certificate, key)),
    ]
    answering = [lambda: _gateway_answers(face.home_path, host, port)]
    told, ports = {"gateway": home.gateway_url, "bound": f"{host}:{port}"}, [(host, port)]
    if not no_console:
        from hilf.console import server as pages

        at = _address(console or values["console"].text)
        ports.append(at)
        children.append(Child("console", lambda: pages.serve(*at)))
        answering.append(lambda: _console_answers(*at))
        told |= {"console": values["console_url"].text, "console_bound": f"{at[0]}:{at[1]}"}
    if not no_worker:
        import hilf.node.worker  # noqa: F401 as above

        children.append(Child("worker", lambda: _work(home.path)))
    children.append(Child("herald", lambda: _say_when_ready(face, answering, told), again=False))
    with only_one(home, now()):
        for each in ports:
            _check_port(*each)
        database.close()
        supervise(children)


@click.command(epilog=example("hilf worker", "hilf worker --once"))
@click.option("--once", is_flag=True, help="Do what is due, one round with each partner, and end.")
@command
def worker(face: Face, once: bool) -> None:
    """Run the worker only: rounds with partners, full text, erasure. Any number may run on one PostgreSQL."""
    home = face.open()
    if once:
        _work_once(home)
        face.finish({"done": True})
        return
    face.say("The worker runs. Stop it with Ctrl-C.")
    _work(face.home_path)


def _work_once(home: "Home") -> None:
    from hilf.node.home import now
    from hilf.node.worker import Worker
    from hilf.settings import channels_of_home

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    Worker(home, now, 0.0, channels_of_home(home.path)).once()


def _work(path: Path) -> None:
    """Work until SIGTERM or SIGINT; what goes on then is cut, which is safe anywhere."""
    from hilf.node.home import now
    from hilf.node.worker import Worker
    from hilf.settings import channels_of_home, open_home, values_of

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    home = open_home(path)
    Worker(home, now, float(values_of(path)["sync_every_s"].text), channels_of_home(path)).run(stopped)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise CallerFault(
            "serve.address",
            f"{text} is no address to serve on.",
            "It must be HOST:PORT, with a port from 1 to 65535.",
            "For example: hilf serve --gateway 0.0.0.0:8443",
        )
    return host.strip("[]"), int(port)


def _check_port(host: str, port: int) -> None:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorFault(
                "serve.port",
                f"{host}:{port} cannot be used: {error.strerror}.",
                "Another program listens there, or the address is not of this machine.",
                "Stop it, or serve elsewhere: hilf serve --gateway HOST:PORT",
            ) from error


def _say_when_ready(face: Face, answering: Sequence[Callable[[], bool]], told: Mapping[str, str]) -> None:
    """Say where partners and people reach this node as soon as it answers itself there.

    Args:
        face: what is written to.
        answering: for each listener, whether it answers.
        told: `gateway` and `bound`, and `console` and `console_bound` where there is one.
    """
    waited = 0.0
    while not all(answers() for answers in answering):
        if waited >= _READY_TIMEOUT_S:
            sys.stderr.write("The node does not answer itself; see the messages above.\n")
            return
        sleep(_ASK_EVERY_S)
        waited += _ASK_EVERY_S
    if "console" in told:
        face.say(f"People sign in at {told['console']} (bound to {told['console_bound']}).")
    face.say(
        f"Partners reach this node at {told['gateway']} (bound to {told['bound']}). Stop it with Ctrl-C."
    )
    if face.as_json:
        click.echo(orjson.dumps({**told, "pid": os.getppid()}))


def _gateway_answers(path: Path, host: str, port: int) -> bool:
    """Whether the gateway answers over TLS and pinned, as partners will reach it."""
    from hilf.seal.certificate import pin
    from hilf.seal.http import Request
    from hilf.wire.https import Connection

    reach = _reached(host)
    url = f"https://{f'[{reach}]' if ':' in reach else reach}:{port}"
    try:
        with Connection(url, [pin((path / "keys" / "tls.crt").read_bytes())]) as connection:
            connection.exchange(Request("GET", f"{url}/hilf", (), None))
    except PartnerFault:
        return False
    return True


def _console_answers(host: str, port: int) -> bool:
    """Whether the console answers a request."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(_reached(host), port, timeout=_READY_TIMEOUT_S)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _reached(host: str) -> str:
    """Where something that is bound to this address is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 compared, not bound
