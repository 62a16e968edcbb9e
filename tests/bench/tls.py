# SPDX-License-Identifier: MIT
"""A front that takes TLS off what goes to the sandbox and counts the handshakes, and how a program is made to trust
it: in a mount namespace of its own, where our certificate stands in the place of the system's."""

import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading

BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def why_not():
    if os.geteuid() != 0:
        return "only root may put a certificate in the place of the system's (try with sudo)"
    if not shutil.which("openssl") or not BUNDLE.exists():
        return "openssl cannot be found"
    tried = subprocess.run(["unshare", "--mount", "mount", "--bind", BUNDLE, BUNDLE], capture_output=True, text=True)
    return f"this container may not mount: {tried.stderr.strip()}" if tried.returncode else None


class Front:
    def __init__(self, place, port):
        self._target = port
        self.handshakes = 0
        key, certificate = place / "front.key", place / "front.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.base_url = f"https://localhost:{self._listening.getsockname()[1]}/api/v1"
        self.trusted = ["unshare", "--mount", "sh", "-c", f'mount --bind "{certificate}" {BUNDLE} && exec "$@"', "sh"]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError), client, self._context.wrap_socket(client, server_side=True) as inner, \
                socket.create_connection(("127.0.0.1", self._target)) as target:
            self.handshakes += 1
            back = threading.Thread(target=self._copy, args=(target, inner), daemon=True)
            back.start()
            self._copy(inner, target)
            back.join()

    @staticmethod
    def _copy(from_, to):
        with contextlib.suppress(OSError):
            while data := from_.recv(65536):
                to.sendall(data)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()


@contextlib.contextmanager
def front(place, port):
    started = Front(place, port)
    try:
        yield started
    finally:
        started.close()
