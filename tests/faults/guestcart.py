"""What the fault scripts stand on: both servers over a database of their own, and requests with times.

Python's standard library only. The binaries are taken from GUESTCART_BIN (default target/debug); PostgreSQL, where it is
needed, from TEST_DATABASE_URL with a role that may create databases, through `psql`.
"""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("GUESTCART_BIN", ROOT / "target" / "debug"))
PROJECT = "faults"
SCOPES = f"manage_project:{PROJECT} create_anonymous_token:{PROJECT}"


def fail(text):
    print(f"FAILED: {text}")
    sys.exit(1)


def skip(text):
    print(f"skipped: {text}")
    sys.exit(0)


def psql(url, statement):
    return subprocess.run(
        ["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", url, "-c", statement],
        check=True, capture_output=True, text=True, timeout=300,
    ).stdout


def with_database(url, name):
    """The URL of another database of the same server."""
    base, question, query = url.partition("?")
    scheme, _, rest = base.partition("://")
    return f"{scheme}://{rest.split('/')[0]}/{name}{question}{query}"


def postgres_url():
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        skip("no PostgreSQL: TEST_DATABASE_URL is not set")
    if not shutil.which("psql"):
        skip("no psql")
    return url


@contextlib.contextmanager
def postgres_database(more=""):
    """A database of its own, dropped at the end; answers its URL."""
    admin, name = postgres_url(), f"guestcart_faults_{secrets.token_hex(4)}"
    psql(admin, f'CREATE DATABASE "{name}" {more}')
    try:
        yield with_database(admin, name)
    finally:
        psql(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="guestcart-faults-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Answer:
    """Status (0: no answer), seconds, body and headers."""

    def __init__(self, status, seconds, body=b"", headers=None):
        self.status, self.seconds, self.body, self.headers = status, seconds, body, headers or {}

    def json(self):
        return json.loads(self.body)


class Servers:
    """Both servers; the command lines go to the database directly, the servers perhaps by a detour."""

    def __init__(self, data, database_url, detour=None, **environment):
        self.data = pathlib.Path(data)
        self.ports = {"auth-server": free_port(), "commerce-api": free_port()}
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "KEY_ENCRYPTION_KEY": secrets.token_hex(32),
            "SECRET_PEPPER": secrets.token_hex(32),
            "RATE_LIMITS": "off",
            "DRAIN_SECONDS": "0",
            "AUTH_BIND": f"127.0.0.1:{self.ports['auth-server']}",
            "API_BIND": f"127.0.0.1:{self.ports['commerce-api']}",
            "AUTH_PUBLIC_URL": f"http://127.0.0.1:{self.ports['auth-server']}",
            **environment,
        }
        self.detour = detour or database_url
        self.running = []

    def __enter__(self):
        self.command("auth-server", "migrate")
        self.command("auth-server", "project", "create", PROJECT, "--currencies", "EUR",
                     "--countries", "DE", "--languages", "en,de")
        self.command("commerce-api", "seed", "demo", "--project", PROJECT)
        self.client = json.loads(self.command(
            "auth-server", "client", "create", "--project", PROJECT, "--name", "faults",
            "--scope", SCOPES, "--json"))
        for program in self.ports:
            log = open(self.data / f"{program}.log", "wb")
            self.running.append(subprocess.Popen(
                [BINARIES / program, "serve"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**self.environment, "DATABASE_URL": self.detour}))
        until = time.monotonic() + 60
        for program in self.ports:
            while self.ask(program, "GET", "/health/ready").status != 200:
                if time.monotonic() > until:
                    self.__exit__()
                    fail(f"{program} is not ready:\n{self.log(program)}")
                time.sleep(0.1)
        self.token = self.new_token().json()["access_token"]
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def command(self, program, *arguments):
        done = subprocess.run([BINARIES / program, *arguments], env=self.environment, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            fail(f"{program} {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def log(self, program):
        return (self.data / f"{program}.log").read_text(errors="replace")[-4000:]

    def ask(self, program, method, path, body=None, headers=None, timeout=60):
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[program], timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            read = answer.read()
            return Answer(answer.status, time.monotonic() - began, read, dict(answer.getheaders()))
        except (OSError, http.client.HTTPException):
            return Answer(0, time.monotonic() - began)
        finally:
            connection.close()

    def api(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        return self.ask("commerce-api", method, f"/{PROJECT}{path}", body, headers)

    def new_token(self):
        pair = f"{self.client['id']}:{self.client['secret']}".encode()
        return self.ask("auth-server", "POST", "/oauth/token", "grant_type=client_credentials", {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "application/x-www-form-urlencoded"})

    def new_guest(self):
        pair = f"{self.client['id']}:{self.client['secret']}".encode()
        return self.ask("auth-server", "POST", f"/oauth/{PROJECT}/anonymous/token",
                        "grant_type=client_credentials", {
                            "Authorization": "Basic " + base64.b64encode(pair).decode(),
                            "Content-Type": "application/x-www-form-urlencoded"})

    def new_cart(self):
        return self.api("POST", "/carts", {"currency": "EUR", "country": "DE"})


class Path:
    """A TCP way to PostgreSQL that can fall silent: nothing is forwarded, nothing is closed. What went over it before
    stays silent for ever, as after the host's power failed."""

    def __init__(self, url):
        _, _, rest = url.partition("://")
        authority = rest.split("/")[0].rpartition("@")[2]
        host, _, port = authority.partition(":")
        self.target = (host, int(port or 5432))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = url.replace(authority, f"127.0.0.1:{self.port}", 1)
        self.lock = threading.Lock()
        self.times, self.is_gone, self.silent = 0, False, []
        threading.Thread(target=self._accept, daemon=True).start()

    def vanish(self):
        with self.lock:
            self.times, self.is_gone = self.times + 1, True

    def come_back(self):
        with self.lock:
            self.is_gone = False

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            with self.lock:
                born = self.times
                if self.is_gone:
                    self.silent.append(near)
                    continue
            far = socket.create_connection(self.target)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._forward, args=(one, other, born), daemon=True).start()

    def _forward(self, one, other, born):
        while True:
            try:
                read = one.recv(65536)
            except OSError:
                read = b""
            with self.lock:
                if self.is_gone or self.times != born:
                    self.silent += [one, other]
                    return
            try:
                if read:
                    other.sendall(read)
                    continue
                other.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            return


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")
