# SPDX-License-Identifier: MIT
"""The daemon's Varlink server, tried by the public certification client."""

import math
import subprocess
import sys

import pytest

from programs import BUILD, TIMEOUT, Varlink, VarlinkError, environment, said_by

CERTIFICATION = "org.varlink.certification"
IN_ORDER = [f"Test{n:02}" for n in range(1, 10)]


@pytest.fixture
def service(place):
    """The path of its socket."""
    path = place / "certification"
    with open(place / "certification.err", "wb") as err:
        process = subprocess.Popen(
            [BUILD / "tests/interop/certification/certification", path], env=environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
    with process:
        assert next(said_by(process, process.stdout)) == "listening\n"
        yield path
        process.terminate()
    assert process.returncode == 0


@pytest.fixture
def client(service):
    with Varlink(service) as client:
        yield client


def walk(client, calls):
    """Each call gets what the one before it has returned."""
    client_id, got = client.call(f"{CERTIFICATION}.Start")["client_id"], {}
    for name in calls:
        got = client.call(f"{CERTIFICATION}.{name}", client_id=client_id, **got)
    return client_id, got


def refused(client):
    with pytest.raises(VarlinkError) as error:
        client.result()
    assert error.value.name == f"{CERTIFICATION}.CertificationError"
    return error.value.parameters


def test_public_client(service):
    done = subprocess.run(
        [sys.executable, "-m", "varlink.tests.test_certification", "--client", f"--varlink=unix:{service}"],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr
    assert "Certification passed" in done.stdout


def test_numbers_survive(client):
    client_id, got = walk(client, IN_ORDER[:3])
    assert isinstance(got["float"], float) and got["float"] == 1.0
    got = client.call(f"{CERTIFICATION}.Test04", client_id=client_id, **got)
    assert client.call(f"{CERTIFICATION}.Test05", client_id=client_id, **got)["float"] == math.pi


def test_wrong_order(client):
    client_id, _ = walk(client, IN_ORDER[:1])
    client.send(f"{CERTIFICATION}.Test03", {"client_id": client_id, "int": 1})
    error = refused(client)
    assert error["wants"]["method"] == f"{CERTIFICATION}.Test02"
    assert error["got"] == {"method": f"{CERTIFICATION}.Test03", "parameters": {"int": 1}}


@pytest.mark.parametrize("changed", [
    {"bool": True}, {"int": "2"}, {"float": 3.14}, {"string": ""}, {"string": None}, {"map": {}}])
def test_wrong_parameters(client, changed):
    client_id, got = walk(client, IN_ORDER[:5])
    client.send(f"{CERTIFICATION}.Test06", {"client_id": client_id, **got, **changed})
    assert refused(client)["wants"]["parameters"] == got
    client.send(f"{CERTIFICATION}.Test06", {"client_id": client_id, **got})
    with pytest.raises(VarlinkError, match="ClientIdError"):  # it has failed for good
        client.result()


def test_more_is_wanted(client):
    client_id, got = walk(client, IN_ORDER)
    client.send(f"{CERTIFICATION}.Test10", {"client_id": client_id, **got})
    assert refused(client)["wants"]["more"] is True


def test_oneway_is_wanted(client):
    client_id, got = walk(client, IN_ORDER)
    replies = [one["string"] for one in client.call_more(f"{CERTIFICATION}.Test10", client_id=client_id, **got)]
    client.send(f"{CERTIFICATION}.Test11", {"client_id": client_id, "last_more_replies": replies})
    assert refused(client)["wants"]["oneway"] is True


def test_oneway_is_wanted_for_the_end(client):
    """What Test11 does without a reply can be seen by whether End is next."""
    client_id, got = walk(client, IN_ORDER)
    replies = [one["string"] for one in client.call_more(f"{CERTIFICATION}.Test10", client_id=client_id, **got)]
    client.send(f"{CERTIFICATION}.Test11", {"client_id": client_id, "last_more_replies": replies}, oneway=True)
    assert client.call(f"{CERTIFICATION}.End", client_id=client_id) == {"all_ok": True}
