# SPDX-License-Identifier: MIT
"""Bad input for every parameter of every method, against one daemon: each case gets an error that
names what was wrong, or its connection is closed; and after each a second client is answered.

The methods and their parameters are taken from the interface descriptions, so that none is forgotten.
"""

import json
import pathlib
import re
import shutil
import tempfile

import pytest

from programs import API_KEY, INTERFACE, ROOT, Daemon, Sandbox

SERVICE = "org.varlink.service"
INVALID_PARAMETER = f"{SERVICE}.InvalidParameter"
SERVICE_METHODS = "method GetInfo() -> ()\nmethod GetInterfaceDescription(interface: string) -> ()"

# What a method needs beside the parameter that is tried.
USUAL = {
    "integration_type": "gmail", "session_id": "no-such-session", "connection_id": "no-such-connection",
    "interface": INTERFACE, "api_key": "made-up"}
EXTRA = {"CreateSession": {"open_browser": False}, "CreateConnection": {"access_token": "made-up"}}

CLOSED = object()  # the expected outcome: no reply at all
NAMED = object()  # an error that names the parameter, or has it among its own
UNNAMED = object()  # anything but an error that names it


def parameters_of(name, description):
    """{(method, parameter): type} as written: the small part of the grammar that parameters need."""
    text = re.sub(r"#.*", "", description)
    found = {}
    for method, parameters in re.findall(r"method\s+(\w+)\s*\(([^()]*)\)\s*->", text):
        found[f"{name}.{method}", None] = ""
        for parameter, kind in re.findall(r"(\w+)\s*:\s*([^,\s]+)", parameters):
            found[f"{name}.{method}", parameter] = kind
    return found


def described():
    return parameters_of(INTERFACE, (ROOT / f"daemon/{INTERFACE}.varlink").read_text()) | parameters_of(
        SERVICE, SERVICE_METHODS)


PARAMETERS = described()

VALUES = {
    "string": '"x"', "integer": "7", "fraction": "1.5", "exponent": "1e3", "boolean": "true", "array": "[]",
    "object": "{}", "list of it": '["x"]', "map to a number": '{"a":1}', "map to null": '{"a":null}'}
RIGHT = {"string": {"string"}, "int": {"integer"}, "bool": {"boolean"}, "[string]string": {"object"}}

TEXTS = {
    "empty": b'""', "a line break": b'"a\\nb"', "an escape character": b'"a\\u001bb"', "delete": b'"a\x7fb"',
    "60 000 characters": b'"' + b"x" * 60_000 + b'"'}
NO_TEXTS = {
    "NUL": b'"a\\u0000b"', "NUL as a byte": b'"a\0b"', "a control character as it is": b'"a\x01b"', "half a pair": b'"\\ud800"',
    "no UTF-8": b'"a\xffb"', "overlong UTF-8": b'"\xc0\xaf"', "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "UTF-8 cut short": b'"\xe2\x82"', "no end": b'"abc', "an unknown escape": b'"\\x41"'}
INTEGERS = {
    "negative": b"-1", "the smallest": b"-9223372036854775808", "the largest": b"9223372036854775807",
    "a fraction of zero": b"2000.0"}
NO_INTEGERS = {
    "beyond 64 bits": b"9223372036854775808", "far beyond": b"1" * 400, "hexadecimal": b"0x10", "leading zero": b"0100",
    "plus": b"+1", "NaN": b"NaN", "Infinity": b"Infinity", "half a number": b"1."}
MAPS = {
    "an empty name": b'{"":"x"}', "an empty value": b'{"a":""}', "a control character": b'{"a":"b\\u0001"}',
    "a control character in a name": b'{"a\\n":"b"}'}
NO_VALUES = {
    "nesting of 1000": b"[" * 1000 + b"]" * 1000, "objects nested 1000 times": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "a member twice": b'{"a":"1","a":"2"}', "nothing": b""}


def cases_of(kind):
    """(what, value as bytes or None for missing, outcome)."""
    nullable, kind = kind.startswith("?"), kind.removeprefix("?")
    if not nullable:
        yield "missing", None, NAMED
    yield "null", b"null", UNNAMED if nullable else NAMED
    for what, value in VALUES.items():
        if what not in RIGHT[kind]:
            yield what, value.encode(), NAMED
    if kind == "string":
        yield from ((what, value, NAMED) for what, value in TEXTS.items())
        yield from ((what, value, CLOSED) for what, value in NO_TEXTS.items())
    if kind == "int":
        yield from ((what, value, NAMED) for what, value in INTEGERS.items())
        yield from ((what, value, CLOSED) for what, value in NO_INTEGERS.items())
    if kind == "[string]string":
        yield from ((what, value, NAMED) for what, value in MAPS.items())
    yield from ((what, value, CLOSED) for what, value in NO_VALUES.items())


def all_cases():
    for (method, parameter), kind in PARAMETERS.items():
        if parameter:
            for what, value, outcome in cases_of(kind):
                yield pytest.param(method, parameter, value, outcome, id=f"{method.split('.')[-1]}-{parameter}-{what}")


def others(method, parameter):
    """What goes with it: all that is required."""
    name = method.split(".")[-1]
    needed = {one: USUAL[one] for (of, one), kind in PARAMETERS.items() if of == method and one and kind[0] != "?"}
    found = {**needed, **EXTRA.get(name, {})}
    found.pop(parameter, None)
    if (name, parameter) == ("CreateConnection", "access_token"):
        found["api_key"] = "made-up"
    return found


def message(method, parameters, *added):
    """Members are added as bytes, so that they can be anything."""
    members = [json.dumps(one).encode() + b":" + json.dumps(value).encode() for one, value in parameters.items()]
    more = b',"more":true' if method.endswith(".Watch") else b""
    return b'{"method":"%s","parameters":{%s}%s}\0' % (method.encode(), b",".join([*members, *added]), more)


def check(reply, parameter, outcome):
    if outcome is CLOSED:
        assert reply is None
        return
    assert reply is not None
    parameters = reply.get("parameters", {})
    named = "error" in reply and (parameters.get("parameter") == parameter or parameter in parameters)
    if outcome is NAMED:
        assert named, reply
    else:
        assert reply.get("error") != INVALID_PARAMETER, reply


@pytest.fixture(scope="module")
def daemon():
    """One for all cases. Where nothing is wrong, Airstore is really asked."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-", dir="/tmp"))
    sandbox = Sandbox(directory)
    daemon = Daemon(
        directory, AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default",
        BROWSER="true")
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.kill()
        assert sandbox.stop() == 0
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def second(daemon):
    with daemon.connect() as client:
        yield client


@pytest.fixture
def client(daemon, second):
    """For what is wrong; afterwards the second client is asked."""
    with daemon.connect() as client:
        yield client
    assert second.call("ListIntegrations")["integrations"]


def test_nothing_is_forgotten(daemon):
    served = [daemon.call(f"{SERVICE}.GetInterfaceDescription", interface=one)["description"] for one in (INTERFACE, SERVICE)]
    assert parameters_of(INTERFACE, served[0]) | parameters_of(SERVICE, served[1]) == PARAMETERS
    assert len({method for method, _ in PARAMETERS}) >= 18 and len(PARAMETERS) > 30


@pytest.mark.parametrize("method, parameter, value, outcome", all_cases())
def test_parameter(client, method, parameter, value, outcome):
    added = [] if value is None else [b'"%s":%s' % (parameter.encode(), value)]
    client.send_bytes(message(method, others(method, parameter), *added))
    check(client.receive(), parameter, outcome)


@pytest.mark.parametrize("method", sorted({method for method, _ in PARAMETERS}))
@pytest.mark.parametrize("member, named", [
    (b'"colour":"red"', "colour"), (b'"":1', ""), (b'"c\\u00f6l":null', "cöl"), (b'"' + b"x" * 1000 + b'":1', "x" * 1000)])
def test_unknown_parameter(client, method, member, named):
    client.send_bytes(message(method, others(method, None), member))
    assert client.receive() == {"error": INVALID_PARAMETER, "parameters": {"parameter": named}}


@pytest.mark.parametrize("method", sorted({method for method, _ in PARAMETERS}))
@pytest.mark.parametrize("parameters", [b"[]", b'""', b"1", b"true", b'{"a":1,"a":1}', b'{"a\\u0000":1}', b'{"\xff":1}', b"{"])
def test_parameters_that_are_no_object(client, method, parameters):
    client.send_bytes(b'{"method":"%s","parameters":%s}\0' % (method.encode(), parameters))
    assert client.receive() is None


@pytest.mark.parametrize("method, parameter", [key for key in PARAMETERS if key[1]])
def test_the_same_parameter_twice(client, method, parameter):
    member = b'"%s":null' % parameter.encode()
    client.send_bytes(message(method, {}, member, member))
    assert client.receive() is None


@pytest.mark.parametrize("method, parameter", [key for key, kind in PARAMETERS.items() if "string" in kind])
def test_longer_than_a_request(client, method, parameter):
    client.send_bytes(message(method, {}, b'"%s":"%s"' % (parameter.encode(), b"x" * 66_000)))
    assert client.receive() == {
        "error": f"{INTERFACE}.LimitReached", "parameters": {"limit": "bytes of a request", "maximum": 65536}}
    assert client.receive() is None
