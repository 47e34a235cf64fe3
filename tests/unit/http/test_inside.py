"""What leads into this computer or its network, however it is written."""

from __future__ import annotations

import socket

import pytest

from coralrun.http.inside import leads_inside


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a",
        "http://127.1/a",
        "http://2130706433/a",
        "http://0x7f.1/a",
        "http://localhost:8080/",
        "https://reef.localhost/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
    ],
)
def test_an_address_of_this_computer_or_a_private_network_leads_inside(url: str) -> None:
    assert leads_inside(url)


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/", "https://[2001:4860:4860::8888]/", "https://[bad/", "ftp://10.0.0.1"]
)
def test_a_public_address_and_none_do_not(url: str) -> None:
    assert not leads_inside(url)


@pytest.mark.parametrize(
    ("addresses", "inside"), [(["93.184.216.34"], False), (["93.184.216.34", "10.0.0.7"], True), ([], False)]
)
def test_a_name_is_what_it_stands_for(monkeypatch: pytest.MonkeyPatch, addresses: list[str], inside: bool) -> None:
    def looked_up(host: str, *_: object, **__: object) -> list[object]:
        assert host == "reef.example"
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert leads_inside("https://reef.example/a.jpg") is inside
