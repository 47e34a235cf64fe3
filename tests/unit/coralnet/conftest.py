"""What the tests of the CoralNet client share: a clock that jumps, and a service that answers from a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BASE = "https://coralnet.test"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"


class JumpingClock:
    """A clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Asked:
    """One request as the service saw it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


Script = Callable[[Asked], tuple[int, list[tuple[str, str]], bytes]]


@dataclass
class ScriptedService:
    """A service in memory: `answer` gives each reply, `asked` keeps each request."""

    answer: Script
    asked: list[Asked] = field(default_factory=list)

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        request = Asked(method, url, headers, body)
        self.asked.append(request)
        return self.answer(request)


def api_reply(status: int, value: object, *headers: tuple[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    """A reply of the API's own."""
    return status, [("Content-Type", "application/vnd.api+json"), *headers], json.dumps(value).encode()


def api_error(status: int, detail: str, *headers: tuple[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    """An error of the API's own."""
    return api_reply(status, {"errors": [{"detail": detail}]}, *headers)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


Scripted = Callable[[Script], ScriptedService]


@pytest.fixture
def scripted() -> Scripted:
    return ScriptedService


@pytest.fixture
def arms() -> Path:
    folder = SHARED / "data" / "arms-api"
    if not folder.is_dir():
        pytest.skip("the shared data (../shared/data/arms-api) are not here")
    return folder
