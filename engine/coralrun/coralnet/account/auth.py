"""Credentials: where they are looked for, and how they become a token or a signed-in session.

Rule: credentials never stand in a survey, a file of a run, a message or a `repr`. They are looked for in one order:
the environment, a private file, the keyring, .netrc, and last a question at the terminal. The user name is always
needed: nothing in the API tells a token's, and the listing of jobs asks for it exactly (protocol 12, 6d). A place that
has credentials which cannot be used is an error that names it, and no reason to look in the next.
"""

from __future__ import annotations

import netrc
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from coralrun.coralnet.account.client import Http
from coralrun.coralnet.codec import pages, wire
from coralrun.coralnet.codec.retry_after import retry_after_s
from coralrun.coralnet.codec.urls import detail_of
from coralrun.coralnet.places import SERVICE_VARIABLE
from coralrun.coralnet.refusals import REFUSED_REMEDY, account_missing, account_refused, throttled
from coralrun.errors import AccountMissing, AccountRefused, CredentialsError, ServiceError
from coralrun.http.client import NoReply, Reply
from coralrun.spec.model import PRODUCTION
from coralrun.spec.text import shown

LOGIN_PATH = "/accounts/login/"
TOKEN_PATH = "/api/token_auth/"  # noqa: S105 - a path, not a secret
SESSION_COOKIE = "sessionid"
KEYRING_NAME = "coralrun"
TYPED = "as it was typed"
"""The origin of credentials that are kept nowhere."""

_KEYS = ("username", "password", "token")
_MEND = "Correct the file, or remove it."


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account's user name with its password, its API token or both; `origin` says in words where they stood."""

    username: str
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    origin: str = field(default="", compare=False)

    @property
    def named(self) -> str:
        """The account as messages name it: 'ann' (from the environment)."""
        return f"{self.username!r} ({self.origin})" if self.origin else repr(self.username)


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look; each can be left out. `ask` is called last and returns what a person typed, or None."""

    environ: Mapping[str, str]
    file: Path | None = None
    netrc: Path | None = None
    use_keyring: bool = True
    ask: Callable[[str], Credentials | None] | None = None


def find_credentials(service: str, places: Places) -> Credentials:
    """The first complete credentials for a service, in the order of `Places`.

    Raises AccountMissing where there are none, CredentialsError for a place whose credentials cannot be used.
    """
    host = urlsplit(service).hostname or ""
    passed_over: list[AccountMissing] = []
    looks: tuple[tuple[str, Callable[[], Credentials | None]], ...] = (
        ("from the environment", lambda: _from_environ(places.environ, passed_over)),
        (f"from {places.file}", lambda: _from_file(places.file, service, passed_over) if places.file else None),
        ("from the keyring", lambda: _from_keyring(host, places)),
        (f"from {places.netrc}", lambda: _from_netrc(places.netrc, host) if places.netrc else None),
        (TYPED, lambda: places.ask(host) if places.ask else None),
    )
    for origin, look in looks:
        found = look()
        if found is not None:
            return replace(found, origin=origin)
    message = "; ".join([f"there are no credentials for {host}", *(place.message for place in passed_over)])
    raise account_missing(message, remedy=passed_over[-1].remedy if passed_over else None)


def service_of_file(path: Path) -> str:
    """The service that the account in a file is of, "" where the file does not say it, or is not to be used."""
    try:
        return _values_in(path).get("service", "").rstrip("/")
    except (OSError, UnicodeDecodeError, CredentialsError):
        return ""  # whoever needs the account is told


def sign_in_api(http: Http, credentials: Credentials) -> str:
    """The API token of an account: its own, or the one that its password stands for (one request).

    Raises CredentialsError when the service refuses, ServiceError when it cannot be asked.
    """
    if credentials.token:
        return credentials.token
    body = wire.encode_login(credentials.username, credentials.password or "")
    reply = http.api("POST", TOKEN_PATH, body=body)
    if isinstance(reply, NoReply):
        raise ServiceError(f"signing in to {http.base_url}: {reply.detail}")
    try:
        if reply.status == 200:
            return wire.decode_token(reply.body)
        errors = wire.decode_errors(reply.body)
    except wire.NotUnderstood as error:
        raise ServiceError(f"signing in to {http.base_url}: HTTP {reply.status}, not understood ({error})") from error
    if reply.status == 429:
        raise throttled(http.base_url, retry_after_s(reply.headers.get("retry-after")))
    said = detail_of("; ".join(error.text for error in errors), credentials.password or "")
    if reply.status in (400, 403):
        raise _refused(http, credentials, said)
    raise ServiceError(f"signing in to {http.base_url}: HTTP {reply.status}: {said}")


def sign_in_web(http: Http, credentials: Credentials) -> None:
    """Sign the web session in: the login page's form with its CSRF token (two requests).

    Raises CredentialsError when the service refuses or there is no password, ServiceError when it cannot be asked.
    """
    if not credentials.password:
        raise account_refused(
            f"pages of {http.base_url} that only members may see need the password of {credentials.username!r}",
            remedy="Set CORALNET_PASSWORD too: the API token does nothing on web pages.",
        )
    try:
        form = {
            "csrfmiddlewaretoken": pages.login_token(_login_page(http.sign_in_step(LOGIN_PATH), http).body),
            "username": credentials.username,
            "password": credentials.password,
        }
        reply = http.sign_in_step(LOGIN_PATH, form)
        if isinstance(reply, Reply) and reply.status == 302 and http.has_cookie(SESSION_COOKIE):
            return
        said = pages.login_failure(_login_page(reply, http).body)
    except wire.NotUnderstood as error:
        raise ServiceError(f"signing in to {http.base_url}: {error}") from error
    if not said:
        raise ServiceError(f"signing in to {http.base_url}: the login neither succeeded nor failed")
    raise _refused(http, credentials, detail_of(said, credentials.password))


def _refused(http: Http, credentials: Credentials, said: str) -> AccountRefused:
    quoted = re.fullmatch(r"([\"']).*\1", credentials.password or "")
    hint = " The quotation marks around the password are taken for a part of it." if quoted else ""
    return AccountRefused(
        f"{http.base_url} does not accept the account {credentials.named}: {said}", remedy=REFUSED_REMEDY + hint
    )


def _login_page(reply: Reply | NoReply, http: Http) -> Reply:
    if isinstance(reply, NoReply):
        raise ServiceError(f"signing in to {http.base_url}: {reply.detail}")
    if reply.status != 200:
        raise ServiceError(f"signing in to {http.base_url}: HTTP {reply.status}")
    return reply


def _from_environ(environ: Mapping[str, str], passed_over: list[AccountMissing]) -> Credentials | None:
    username, password, token = (environ.get(f"CORALNET_{key.upper()}") or None for key in _KEYS)
    if token is not None and not token.isalnum():
        raise account_refused(
            "CORALNET_TOKEN is not a token: it holds blanks, line ends or other signs",
            remedy="Set CORALNET_TOKEN to the 40 letters and digits of the token alone.",
        )
    if username and (password or token):
        return Credentials(username, password, token)
    if password or token:
        raise account_refused(
            "CORALNET_USERNAME is missing",
            remedy="Set CORALNET_USERNAME to the exact user name, beside CORALNET_PASSWORD or CORALNET_TOKEN.",
        )
    if username:  # the keyring may have its password
        said = "CORALNET_USERNAME is set, and neither CORALNET_PASSWORD nor CORALNET_TOKEN is"
        passed_over.append(account_missing(said, remedy="Set one of the two beside it."))
    return None


def _from_file(path: Path, service: str, passed_over: list[AccountMissing]) -> Credentials | None:
    try:
        values = _values_in(path)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    its = values.get("service", PRODUCTION)
    if its.rstrip("/") != service.rstrip("/"):
        why = "" if "service" in values else ", because no line `service = ...` says otherwise"
        said = f"those in {path} are for {shown(its)}{why}"
        other = "" if service == PRODUCTION else f"{SERVICE_VARIABLE}={service}, "
        remedy = (
            f"If {shown(its)} is meant, let the survey say `service: {its}`; else set {other}CORALNET_USERNAME and "
            "CORALNET_PASSWORD."
            if "service" in values
            else f"If its account is one of {service}, write the line `service = {service}` into that file."
        )
        passed_over.append(account_missing(said, remedy=remedy))
        return None
    found = _complete(values)
    if found is None:
        lacks = "`password` and no `token`" if values.get("username") else "`username`"
        raise account_refused(f"{path}: there is no {lacks}", remedy=_MEND)
    return found


def _values_in(path: Path) -> dict[str, str]:
    """Lines `username = ...`, `password = ...`, `token = ...`, and `service = ...` unless it is CoralNet itself."""
    _check_private(path)
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or key not in (*_KEYS, "service"):
            raise account_refused(
                f"{path}:{number}: a line is `username = ...`, `password = ...`, `token = ...` or `service = ...`",
                remedy=_MEND,
            )
        if key in values:
            raise account_refused(f"{path}:{number}: a second `{key}`: the file is for one account", remedy=_MEND)
        values[key] = value
    return values


def _check_private(path: Path) -> None:
    """Raise CredentialsError for a file that others may read or write."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise account_refused(f"{path} can be read by others (mode {mode:o})", remedy=f"Run `chmod 600 {path}`.")


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> CredentialsError:
    why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    return account_refused(f"{path} cannot be read: {why}", remedy=_MEND)


def _from_keyring(host: str, places: Places) -> Credentials | None:
    if not places.use_keyring:
        return None
    try:
        keyring = import_module("keyring")
        errors = import_module("keyring.errors")
    except ImportError:
        return None
    try:
        found: Any = keyring.get_credential(f"{KEYRING_NAME}:{host}", places.environ.get("CORALNET_USERNAME"))
    except errors.KeyringError:
        return None  # a machine without a keyring service: the next place is asked
    return _complete({"username": found.username, "password": found.password}) if found is not None else None


def _from_netrc(path: Path, host: str) -> Credentials | None:
    try:
        found = netrc.netrc(str(path)).hosts.get(host)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    except netrc.NetrcParseError as error:  # its text may quote a password
        raise account_refused(f"{path}: it is not as a .netrc is written", remedy=_MEND) from error
    if found is None:
        return None
    _check_private(path)
    return _complete({"username": found[0], "password": found[2]})


def _complete(values: Mapping[str, str | None]) -> Credentials | None:
    username, password, token = (values.get(key) or None for key in _KEYS)
    return Credentials(username, password, token) if username and (password or token) else None
