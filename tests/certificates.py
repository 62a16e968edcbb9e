# SPDX-License-Identifier: MIT
"""Airstore with a certificate: a certificate authority of the test's own, how a program is made to trust it, and a server
that takes TLS off what goes to the sandbox."""

import pathlib
import socket
import ssl
import subprocess

from mounts import mounting
from network import Listener, pass_on
from programs import TIMEOUT

CA_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def system_authorities():
    return next(path for path in CA_FILES if pathlib.Path(path).exists())


class Authority:
    """Signs certificates. A daemon that is started with its prefix trusts it, and nobody else."""

    def __init__(self, directory):
        self._directory = directory / "authority"
        self._directory.mkdir()
        self.certificate = self._directory / "ca.pem"
        self._openssl(
            "req", "-x509", *self._new_key("ca"), "-days", "2", "-subj", "/CN=Authority of the test", "-out", "ca.pem",
            "-addext", "basicConstraints=critical,CA:TRUE")
        (self._directory / "index").write_text("")
        (self._directory / "conf").write_text(
            "[ca]\ndefault_ca=ours\n[ours]\ndatabase=index\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\nrand_serial=yes\n"
            "default_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self._directory, check=True, capture_output=True)

    @staticmethod
    def _new_key(name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]

    def certify(self, host="127.0.0.1", begin="20200101000000Z", end="20400101000000Z", own=False):
        """A context for a server of that name; signed by itself when own."""
        kind = "IP" if host[0].isdigit() else "DNS"
        extension = ["-addext", f"subjectAltName={kind}:{host}", "-subj", f"/CN={host}"]
        if own:
            self._openssl("req", "-x509", *self._new_key("server"), *extension, "-days", "2", "-out", "server.pem")
        else:
            self._openssl("req", *self._new_key("server"), *extension, "-out", "server.csr")
            self._openssl("ca", "-batch", "-config", "conf", "-in", "server.csr", "-out", "server.pem", "-notext",
                          "-startdate", begin, "-enddate", end)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / "server.pem", self._directory / "server.key")
        return context

    @property
    def prefix(self):
        """In a mount namespace, in which this is the one authority of the system."""
        return mounting(f"mount --bind {self.certificate} {system_authorities()}")


class Front(Listener):
    """What listens at that port of 127.0.0.1, behind TLS."""

    def __init__(self, context, port):
        self._context, self._port = context, port
        self.visits = 0
        self.failures = []  # of handshakes
        self.versions = []  # of TLS, for each handshake that did not fail
        super().__init__(socket.AF_INET, "127.0.0.1")

    @property
    def base_url(self):
        return f"https://127.0.0.1:{self.port}/api/v1"

    def serve(self, client):
        self.visits += 1
        client.settimeout(TIMEOUT)
        try:
            client = self._context.wrap_socket(client, server_side=True)
        except OSError as error:
            self.failures.append(str(error))
            return
        with client:
            self.versions.append(client.version())
            self.forward(client)

    def forward(self, client):
        pass_on(client, socket.create_connection(("127.0.0.1", self._port)))
