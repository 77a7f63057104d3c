"""Real receivers of notices on loopback: a mail server, a webhook, a program."""

import socketserver
import ssl
import stat
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hilf.seal.certificate import self_signed


class _Smtp(socketserver.StreamRequestHandler):
    """SMTP as far as a client needs it; the server's `refuses` names a command that it answers with 550."""

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 localhost")
        for raw in self.rfile:
            line = raw.decode().strip()
            word = line.split(" ")[0].split(":")[0].upper()
            self.server.lines.append(line)
            if word == self.server.refuses:
                self.say("550 no")
            elif word == "EHLO":
                self.say("250-localhost")
                self.say("250 AUTH PLAIN")
            elif word == "DATA":
                self.say("354 go on")
                self.server.mails.append(self.data())
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("235 in" if word == "AUTH" else "250 fine")

    def data(self):
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.decode())
        return "".join(lines)


class _Hook(BaseHTTPRequestHandler):
    def log_message(self, *_args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posts.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        self.server.posts.append((self.path, {}, b""))


def context_of(folder):
    """TLS for localhost; the certificate is localhost.crt in the folder."""
    key, certificate = self_signed("localhost", datetime.now(UTC), 1, bytes(range(64)))
    (folder / "localhost.crt").write_bytes(certificate)
    (folder / "localhost.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "localhost.crt", folder / "localhost.pem")
    return context


@contextmanager
def _running(server, folder):
    server.daemon_threads = True
    if folder is not None:
        server.socket = context_of(folder).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def mail_server(refuses="", folder=None):
    """A mail server, with TLS from the first byte where a folder for its certificate is given."""

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

        def handle_error(self, *_args):
            pass  # a client that distrusts the certificate hangs up

    with Server(("127.0.0.1", 0), _Smtp) as server:
        server.lines, server.mails, server.refuses = [], [], refuses
        with _running(server, folder):
            yield server


@contextmanager
def hook(answer=204, folder=None):
    """A webhook, over TLS where a folder for its certificate is given; `answer` may change while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hook) as server:
        server.posts, server.answer = [], answer
        server.handle_error = lambda *_args: None
        with _running(server, folder):
            yield server


def program(folder, *lines):
    """A program that runs these lines of Python with `message`, what it got on standard input."""
    file = folder / "program.py"
    file.write_text(
        "\n".join([f"#!{sys.executable}", "import os, sys", "message = sys.stdin.read()", *lines])
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file
