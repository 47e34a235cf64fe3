"""Credentials: found in one order, never shown, and refused with advice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential

from coralrun.coralnet.account.auth import (
    Credentials,
    Places,
    find_credentials,
    sign_in_api,
    sign_in_web,
)
from coralrun.coralnet.account.client import Http
from coralrun.errors import AccountMissing, CredentialsError, ServiceError
from coralrun.spec.model import PRODUCTION

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import Asked, JumpingClock, Scripted

SERVICE = "https://coralnet.ucsd.edu"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
ANN = Credentials("ann", password="hunter2")
Raw = tuple[int, list[tuple[str, str]], bytes]


class Memory(KeyringBackend):
    """A keyring that holds one account."""

    priority = -1  # never found by itself: only where a test sets it

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def get_credential(self, service: str, username: str | None) -> Any:
        return SimpleCredential("kay", "from-keyring") if service == "coralrun:coralnet.ucsd.edu" else None


@pytest.fixture
def filled_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_repr_shows_no_secret() -> None:
    shown = repr(Credentials("ann", password="hunter2", token=TOKEN))
    assert "ann" in shown
    assert "hunter2" not in shown
    assert TOKEN not in shown


@pytest.mark.usefixtures("filled_keyring")
def test_places_are_asked_in_one_order(tmp_path: Path) -> None:
    file = private(tmp_path / "credentials", "# mine\nusername = fay\ntoken = " + TOKEN + "\n")
    netrc = private(tmp_path / "netrc", "machine coralnet.ucsd.edu login ned password from-netrc\n")
    environ = {"CORALNET_USERNAME": "eve", "CORALNET_PASSWORD": "from-environ"}
    asked = Credentials("ada", password="typed")
    found = [
        find_credentials(SERVICE, Places(environ, file, netrc, True, lambda _: asked)),
        find_credentials(SERVICE, Places({}, file, netrc, True, lambda _: asked)),
        find_credentials(SERVICE, Places({}, tmp_path / "none", netrc, True, lambda _: asked)),
        find_credentials(SERVICE, Places({}, None, netrc, False, lambda _: asked)),
        find_credentials(SERVICE, Places({}, None, tmp_path / "none", False, lambda _: asked)),
    ]
    assert [credentials.named for credentials in found] == [
        "'eve' (from the environment)",
        f"'fay' (from {file})",
        "'kay' (from the keyring)",
        f"'ned' (from {netrc})",
        "'ada' (as it was typed)",
    ]
    assert found[1].token == TOKEN
    assert found[3].password == "from-netrc"


@pytest.mark.usefixtures("filled_keyring")
def test_credentials_of_one_service_are_not_offered_to_another(tmp_path: Path) -> None:
    file = private(tmp_path / "credentials", "username = fay\npassword = x\n")
    netrc = private(tmp_path / "netrc", "machine coralnet.ucsd.edu login ned password y\ndefault login d password z\n")
    with pytest.raises(AccountMissing) as caught:
        find_credentials("https://evil.test", Places({}, file, use_keyring=False))
    assert caught.value.message == (
        f"there are no credentials for evil.test; those in {file} are for `https://coralnet.ucsd.edu`, because no line "
        "`service = ...` says otherwise"
    )
    assert caught.value.remedy == (
        "If its account is one of https://evil.test, write the line `service = https://evil.test` into that file."
    )
    with pytest.raises(CredentialsError):
        find_credentials("https://evil.test", Places({}, file, netrc))
    private(file, "service = https://evil.test/\nusername = fay\npassword = x\n")
    assert find_credentials("https://evil.test", Places({}, file, netrc)).username == "fay"
    meant = "If `https://evil.test/` is meant, let the survey say `service: https://evil.test/`; else set "
    for other, more in (("https://other.test", "CORALNET_SERVICE=https://other.test, "), (PRODUCTION, "")):
        with pytest.raises(AccountMissing, match=r"those in .* are for `https://evil.test/`$") as caught:
            find_credentials(other, Places({}, file, use_keyring=False))
        assert caught.value.remedy == f"{meant}{more}CORALNET_USERNAME and CORALNET_PASSWORD."


def test_a_user_name_alone_is_told_of_and_two_accounts_in_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AccountMissing, match="CORALNET_USERNAME is set, and neither CORALNET_PASSWORD nor") as caught:
        find_credentials(SERVICE, Places({"CORALNET_USERNAME": "eve"}, use_keyring=False))
    assert caught.value.remedy == "Set one of the two beside it."
    file = private(tmp_path / "credentials", "username = fay\npassword = x\nusername = guy\n")
    with pytest.raises(CredentialsError, match="credentials:3: a second `username`: the file is for one account"):
        find_credentials(SERVICE, Places({}, file))


def test_no_credentials_anywhere_is_an_error_with_advice() -> None:
    with pytest.raises(CredentialsError) as caught:
        find_credentials(SERVICE, Places({}, use_keyring=False))
    assert "CORALNET_USERNAME" in caught.value.remedy
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("key", ["CORALNET_PASSWORD", "CORALNET_TOKEN"])
def test_a_secret_without_a_user_name_asks_for_the_user_name(key: str) -> None:
    with pytest.raises(CredentialsError, match="CORALNET_USERNAME is missing"):
        find_credentials(SERVICE, Places({key: "hunter2"}))


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "credentials", "username = fay\npassword = x\n")
    file.chmod(mode)
    with pytest.raises(CredentialsError, match=rf"^{file} can be read by others \(mode {mode:o}\)$") as caught:
        find_credentials(SERVICE, Places({}, file))
    assert caught.value.remedy == f"Run `chmod 600 {file}`."


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_netrc_that_others_can_read_is_refused_if_it_is_about_this_host(tmp_path: Path, mode: int) -> None:
    netrc = private(tmp_path / "netrc", "machine coralnet.ucsd.edu login ned password hunter2\n")
    netrc.chmod(mode)
    with pytest.raises(CredentialsError, match=rf"^{netrc} can be read by others \(mode {mode:o}\)$") as caught:
        find_credentials(SERVICE, Places({}, None, netrc, use_keyring=False))
    assert caught.value.remedy == f"Run `chmod 600 {netrc}`."
    with pytest.raises(AccountMissing):
        find_credentials("https://elsewhere.test", Places({}, None, netrc, use_keyring=False))


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("username = fay\n", "`password` and no `token`"),
        ("username = fay\npassword =\n", "`password` and no `token`"),
        ("password = hunter2\n", "`username`"),
        ("# nothing yet\n", "`username`"),
    ],
)
def test_a_file_that_lacks_something_says_what(tmp_path: Path, text: str, lacks: str) -> None:
    file = private(tmp_path / "credentials", text)
    with pytest.raises(CredentialsError) as caught:
        find_credentials(SERVICE, Places({}, file))
    assert (caught.value.message, caught.value.remedy) == (
        f"{file}: there is no {lacks}",
        "Correct the file, or remove it.",
    )


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    latin = private(tmp_path / "latin", "")
    latin.write_bytes(b"username = caf\xe9\n")
    for places, why in (
        (Places({}, tmp_path / "folder"), "folder cannot be read: Is a directory"),
        (Places({}, latin), "latin cannot be read: it is not UTF-8 text"),
        (Places({}, None, tmp_path / "folder", use_keyring=False), "folder cannot be read: Is a directory"),
        (Places({}, None, latin, use_keyring=False), "latin cannot be read: it is not UTF-8 text"),
    ):
        with pytest.raises(CredentialsError, match=f"{why}$"):
            find_credentials(SERVICE, places)


def test_a_file_as_editors_of_windows_write_it_is_read(tmp_path: Path) -> None:
    file = private(tmp_path / "credentials", "\ufeffusername = fay\r\npassword = x\r\n")
    assert find_credentials(SERVICE, Places({}, file)).username == "fay"


@pytest.mark.parametrize("text", ["username fay\n", "user = fay\n", "hunter2\n"])
def test_a_file_with_a_strange_line_names_the_line_and_not_its_text(tmp_path: Path, text: str) -> None:
    file = private(tmp_path / "credentials", "\n" + text)
    with pytest.raises(CredentialsError, match=r"credentials:2:") as caught:
        find_credentials(SERVICE, Places({}, file))
    assert "hunter2" not in str(caught.value)


def test_a_damaged_netrc_is_an_error_that_quotes_nothing(tmp_path: Path) -> None:
    netrc = private(tmp_path / "netrc", "machine coralnet.ucsd.edu login ned hunter2\n")
    with pytest.raises(CredentialsError, match=rf"^{netrc}: it is not as a \.netrc is written$"):
        find_credentials(SERVICE, Places({}, None, netrc, use_keyring=False))


def own(status: int, value: object) -> Raw:
    return status, [("Content-Type", "application/vnd.api+json")], json.dumps(value).encode()


def test_a_password_is_exchanged_for_the_token(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: own(200, {"token": TOKEN}))
    assert sign_in_api(Http(SERVICE, clock, service.handle), ANN) == TOKEN
    request = service.asked[0]
    assert (request.method, request.url) == ("POST", SERVICE + "/api/token_auth/")
    assert request.headers["Content-Type"] == "application/vnd.api+json"
    assert json.loads(request.body) == {"username": "ann", "password": "hunter2"}


def test_a_token_needs_no_request(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: own(200, {}))
    assert sign_in_api(Http(SERVICE, clock, service.handle), Credentials("ann", token=TOKEN)) == TOKEN
    assert service.asked == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (own(400, {"errors": [{"non_field_errors": ["Unable to log in, hunter2."]}]}), CredentialsError),
        (own(400, {"errors": [{"password": ["This field is required."]}]}), CredentialsError),
        (own(429, {"errors": [{"detail": "Request was throttled."}]}), ServiceError),
        (own(200, {"token": 5}), ServiceError),
        ((502, [], b"<html>hunter2</html>"), ServiceError),
    ],
)
def test_a_refused_login_is_told_from_a_service_that_is_away(
    clock: JumpingClock, scripted: Scripted, reply: Raw, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        sign_in_api(Http(SERVICE, clock, scripted(lambda _: reply).handle), ANN)
    assert "hunter2" not in str(caught.value)


FORM = (
    b'<html><head><title>Sign in | CoralNet</title></head><body><form method="post">'
    b'<input type="hidden" name="csrfmiddlewaretoken" value="abcDEF0123456789"><input name="username">'
    b'<input name="password"></form></body></html>'
)
FAILED = FORM.replace(b"<form", b'<ul class="errorlist nonfield"><li>did not match our records.</li></ul><form')


def login(outcome: Raw) -> Any:
    def answer(request: Asked) -> Raw:
        return outcome if request.method == "POST" else (200, [("Set-Cookie", "csrftoken=c0; Path=/")], FORM)

    return answer


SIGNED_IN: Raw = (
    302,
    [("Location", "/source/"), ("Set-Cookie", "csrftoken=c1; Path=/"), ("Set-Cookie", "sessionid=s1; Path=/")],
    b"",
)


def test_the_web_session_signs_in_with_csrf_and_referer(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(login(SIGNED_IN))
    http = Http(SERVICE, clock, service.handle)
    sign_in_web(http, ANN)
    get, post = service.asked
    assert "Cookie" not in get.headers
    assert post.headers["Cookie"] == "csrftoken=c0"
    assert post.headers["Referer"] == SERVICE + "/accounts/login/"
    assert post.body == b"csrfmiddlewaretoken=abcDEF0123456789&username=ann&password=hunter2"
    http.web("/source/1/")
    assert set(service.asked[-1].headers["Cookie"].split("; ")) == {"csrftoken=c1", "sessionid=s1"}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((200, [], FAILED), CredentialsError),
        ((200, [], FORM), ServiceError),
        ((302, [("Location", "/source/")], b""), ServiceError),
        ((403, [], b"<html>CSRF verification failed.</html>"), ServiceError),
        ((200, [], b"\xff"), ServiceError),
    ],
)
def test_a_web_login_that_fails_says_why(
    clock: JumpingClock, scripted: Scripted, reply: Raw, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        sign_in_web(Http(SERVICE, clock, scripted(login(reply)).handle), ANN)
    assert "hunter2" not in str(caught.value)


def test_a_refused_password_says_where_it_came_from(clock: JumpingClock, scripted: Scripted) -> None:
    typed = replace(ANN, origin="from /home/ann/.netrc")
    refused = own(400, {"errors": [{"non_field_errors": ["Unable to log in."]}]})
    with pytest.raises(CredentialsError, match=r"the account 'ann' \(from /home/ann/\.netrc\): Unable to log in\.$"):
        sign_in_api(Http(SERVICE, clock, scripted(lambda _: refused).handle), typed)
    with pytest.raises(CredentialsError, match=r"the account 'ann' \(from /home/ann/\.netrc\): "):
        sign_in_web(Http(SERVICE, clock, scripted(login((200, [], FAILED))).handle), typed)


def test_a_token_alone_cannot_sign_in_to_the_web(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(login(SIGNED_IN))
    with pytest.raises(CredentialsError) as caught:
        sign_in_web(Http(SERVICE, clock, service.handle), Credentials("ann", token=TOKEN))
    assert "CORALNET_PASSWORD" in caught.value.remedy
    assert service.asked == []


@pytest.mark.parametrize("token", ["abc\n", "Token abc", "a\r\nX-Evil: 1"])
def test_a_token_with_a_line_end_or_a_blank_is_told_before_it_is_sent(token: str) -> None:
    environ = {"CORALNET_USERNAME": "ann", "CORALNET_TOKEN": token}

    with pytest.raises(CredentialsError, match="CORALNET_TOKEN is not a token") as caught:
        find_credentials(SERVICE, Places(environ, use_keyring=False))
    assert token not in str(caught.value)
