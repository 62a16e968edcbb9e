# SPDX-License-Identifier: MIT
"""Servers that are not Airstore, or are Airstore with a certificate: a certificate authority of the test's own, a server
that says what it is told byte by byte, and one that speaks TLS, HTTP/1.1 and HTTP/2 in front of the sandbox."""

import http.client
import pathlib
import select
import socket
import ssl
import subprocess

import h2.config
import h2.connection
import h2.events

from network import Listener
from programs import TIMEOUT

CA_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


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
        system = next(path for path in CA_FILES if pathlib.Path(path).exists())
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', self.certificate, system]


class Scripted(Listener):
    """Says the same to everybody who has asked: bytes, or an iterable of them until the other side hangs up. What it was
    told, it keeps."""

    def __init__(self, says, context=None):
        self._says, self._context = says, context
        self.heard = []
        self.visits = self.sent = 0
        super().__init__(socket.AF_INET, "127.0.0.1")

    @property
    def base_url(self):
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}/api/v1"

    def serve(self, client):
        self.visits += 1
        client.settimeout(TIMEOUT)
        if self._context:
            client = self._context.wrap_socket(client, server_side=True)
        with client:
            while request := read_request(client):
                self.heard.append(request)
                for part in [self._says] if isinstance(self._says, bytes) else self._says():
                    client.sendall(part)
                    self.sent += len(part)


def read_request(client):
    """With its body; nothing when there is no more."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} OK", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class Front(Listener):
    """The sandbox behind TLS, in the first of these protocols that the client speaks, too."""

    def __init__(self, context, port, protocols=("h2", "http/1.1")):
        context.set_alpn_protocols(list(protocols))
        self._context, self._port = context, port
        self.visits = 0
        self.failures = []  # of handshakes
        self.spoken = []  # the protocol of each connection
        self.versions = []  # of TLS
        self.requests = 0
        super().__init__(socket.AF_INET, "127.0.0.1")

    @property
    def base_url(self):
        return f"https://127.0.0.1:{self.port}/api/v1"

    def serve(self, client):
        self.visits += 1
        client.settimeout(TIMEOUT)
        try:
            client = self._context.wrap_socket(client, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.failures.append(str(error))
            return
        with client:
            self.spoken.append(client.selected_alpn_protocol())
            self.versions.append(client.version())
            if self.spoken[-1] == "h2":
                self._serve_http2(client)
            else:
                self._pass_on(client)

    def _pass_on(self, client):
        with socket.create_connection(("127.0.0.1", self._port)) as behind:
            while True:
                ready = [client] if client.pending() else select.select([client, behind], [], [])[0]
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    self.requests += data.startswith((b"GET", b"POST", b"DELETE")) and one is client
                    (behind if one is client else client).sendall(data)

    def _serve_http2(self, client):
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        client.sendall(connection.data_to_send())
        streams = {}
        while data := client.recv(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    streams[event.stream_id] = [dict(event.headers), b""]
                elif isinstance(event, h2.events.DataReceived):
                    streams[event.stream_id][1] += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    self.requests += 1
                    self._answer(connection, event.stream_id, *streams.pop(event.stream_id))
            client.sendall(connection.data_to_send())

    def _answer(self, connection, stream, headers, body):
        behind = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        passed_on = {name: value for name, value in headers.items() if not name.startswith(":")}
        behind.request(headers[":method"], headers[":path"], body or None, passed_on)
        answer = behind.getresponse()
        data = answer.read()
        left_out = ("connection", "transfer-encoding", "keep-alive")
        connection.send_headers(stream, [
            (":status", str(answer.status)),
            *((name.lower(), value) for name, value in answer.getheaders() if name.lower() not in left_out)])
        connection.send_data(stream, data, end_stream=True)
        behind.close()
