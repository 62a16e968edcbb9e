# SPDX-License-Identifier: MIT
"""Servers that are not Airstore, or speak another HTTP: one that says what it is told byte by byte, and one with TLS and
HTTP/2 in front of the sandbox."""

import http.client
import socket

import h2.config
import h2.connection
import h2.events

import certificates
from network import Listener
from programs import TIMEOUT

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


class Front(certificates.Front):
    """In the first of these protocols that the client speaks, too."""

    def __init__(self, context, port, protocols=("h2", "http/1.1")):
        context.set_alpn_protocols(list(protocols))
        self.spoken = []  # the protocol of each connection
        super().__init__(context, port)

    def forward(self, client):
        self.spoken.append(client.selected_alpn_protocol())
        if self.spoken[-1] == "h2":
            self._serve_http2(client)
        else:
            super().forward(client)

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
