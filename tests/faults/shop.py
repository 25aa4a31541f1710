"""What the scripts about slow and greedy clients share: both servers, what they hold in memory, and what was found."""

import http.client
import os
import pathlib
import time

from guestcart import PROJECT, Servers, fail, folder

__all__ = ["PROJECT", "Checks", "Shop", "ask"]


class Side:
    """One of the two servers."""

    def __init__(self, program, port, process):
        self.program, self.address, self.process = program, ("127.0.0.1", port), process

    def memory(self):
        """Resident memory now and at its peak, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        numbers = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return tuple(int(numbers[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Shop:
    """Both servers over SQLite, or over the empty database that DATABASE_URL names."""

    def __enter__(self):
        self.folder = folder()
        data = self.folder.__enter__()
        self.servers = Servers(data, os.environ.get("DATABASE_URL", f"sqlite://{data}/shop.db"))
        self.servers.__enter__()
        self.auth, self.api = (
            Side(program, self.servers.ports[program], process)
            for program, process in zip(self.servers.ports, self.servers.running))
        return self

    def __exit__(self, *_):
        self.servers.__exit__()
        self.folder.__exit__(None, None, None)

    def token(self):
        """The token of a new guest."""
        answer = self.servers.new_guest()
        if answer.status != 200:
            fail(f"no token: {answer.status} {answer.body!r}")
        return answer.json()["access_token"]


def ask(server, method, path, body=None, headers=None, timeout=60):
    """Status, body and seconds of a request on a connection of its own."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(*server.address, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        read = answer.read()
        return answer.status, read, time.monotonic() - began
    finally:
        connection.close()


class Checks:
    """What was found, and whether it is as it should be."""

    def __init__(self):
        self.failed = False

    def note(self, text, is_good=True):
        print(("" if is_good else "FAILED: ") + text, flush=True)
        self.failed |= not is_good

    def end(self):
        raise SystemExit(1 if self.failed else 0)
