# SPDX-License-Identifier: MIT
"""What lies between the daemon and Airstore: a relay that can be cut, and a network of one's own that
goes and comes back."""

import contextlib
import ctypes
import os
import select
import socket
import subprocess
import sys
import threading

from programs import TIMEOUT


class Listener:
    """Accepts connections in a thread, until it is closed. Once more on the same address by start()."""

    def __init__(self, family, host):
        self._family, self._address = family, (host, 0)
        self._open = []
        self._lock = threading.Lock()
        self.start()

    def start(self):
        self._listening = socket.create_server(self._address, family=self._family)
        self._address = self._listening.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, args=(self._listening,))
        self._thread.start()

    @property
    def port(self):
        return self._address[1]

    def _accept(self, listening):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                with self._lock:
                    self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError):
            self.serve(client)

    def serve(self, client):
        raise NotImplementedError

    def close(self):
        """Nobody listens any more, and those who were served are cut off."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()


def pass_on(one, other):
    """Everything in both directions, until one side ends."""
    with one, other:
        while True:
            for ready in select.select([one, other], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (other if ready is one else one).sendall(data)


class Relay(Listener):
    """Leads to a port of 127.0.0.1, from another address and as long as it is not closed."""

    def __init__(self, port, family=socket.AF_INET, host="127.0.0.1"):
        self._target = ("127.0.0.1", port)
        super().__init__(family, host)

    def serve(self, client):
        pass_on(client, socket.create_connection(self._target))


class PrivateNetwork:
    """A network namespace in which only 127.0.0.1 can be there, or not. A port of it leads to a port
    of the world outside."""

    def __init__(self, directory, port):
        self._relay = Relay(port)
        self._path = directory / "way-out"
        self._outer = socket.socket(socket.AF_UNIX)
        self._outer.bind(str(self._path))
        self._outer.listen()
        threading.Thread(target=self._lead_out, daemon=True).start()
        self._process = subprocess.Popen(
            ["unshare", "--net", sys.executable, __file__, self._path], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self._read())

    def _read(self):
        ready, _, _ = select.select([self._process.stdout], [], [], TIMEOUT)
        line = self._process.stdout.readline() if ready else ""
        assert line, "the private network cannot be made"
        return line

    def _lead_out(self):
        with contextlib.suppress(OSError):
            while True:
                inner, _ = self._outer.accept()
                target = socket.create_connection(("127.0.0.1", self._relay.port))
                threading.Thread(target=self._pass_on, args=(inner, target), daemon=True).start()

    @staticmethod
    def _pass_on(inner, target):
        with contextlib.suppress(OSError):
            pass_on(inner, target)

    @property
    def prefix(self):
        """Runs a program inside."""
        return ["nsenter", f"--net=/proc/{self._process.pid}/ns/net"]

    def take_down(self):
        subprocess.run([*self.prefix, "ip", "link", "set", "lo", "down"], check=True)
        subprocess.run([*self.prefix, "ip", "address", "flush", "dev", "lo"], check=True)

    def bring_up(self):
        """The kernel gives the device its address by itself."""
        subprocess.run([*self.prefix, "ip", "link", "set", "lo", "up"], check=True)

    def add_address(self, address):
        subprocess.run([*self.prefix, "ip", "address", "add", address, "dev", "lo"], check=True)

    def close(self):
        self._process.stdin.close()
        self._process.wait(TIMEOUT)
        self._process.stdout.close()
        self._relay.close()
        with contextlib.suppress(OSError):
            self._outer.shutdown(socket.SHUT_RDWR)
        self._outer.close()


def namespaces_are_forbidden():
    """Why no private network can be made here; None when it can."""
    tried = subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, text=True)
    return tried.stderr.strip() or "unshare failed" if tried.returncode != 0 else None


def inside(path):
    """The process in the namespace: leads from its port to the world outside, until its input ends."""
    ctypes.CDLL(None).prctl(1, 15)  # PR_SET_PDEATHSIG, SIGTERM

    class Inner(Relay):
        def serve(self, client):
            outside = socket.socket(socket.AF_UNIX)
            outside.connect(path)
            pass_on(client, outside)

    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(Inner(0).port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    inside(sys.argv[1])
