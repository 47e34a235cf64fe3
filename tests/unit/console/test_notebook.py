"""In a notebook nothing is red, and a run is one block that changes; elsewhere lines are printed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from coralrun.console import notebook
from coralrun.errors import ServiceError


class ZMQInteractiveShell:
    """What a notebook's kernel calls its shell."""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A notebook's kernel, and what its display was told."""
    shown: list[Any] = []
    place = SimpleNamespace(update=shown.append)
    display = SimpleNamespace(HTML=str, display=lambda first, display_id: place)
    ipython = SimpleNamespace(get_ipython=ZMQInteractiveShell, display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    return shown


def test_a_script_is_no_notebook_and_neither_is_ipython_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not notebook.in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not notebook.in_notebook()


@pytest.mark.usefixtures("shell")
def test_a_notebook_is_told_nothing_in_red(capsys: pytest.CaptureFixture[str]) -> None:
    told = notebook.told()
    told.doing("listing the images of source 1")
    told.paused(ServiceError("the service is away", remedy="Wait."))
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == "listing the images of source 1\nthe service is away\n-> Wait.\n"


def test_whoever_called_may_cancel_and_is_asked_nothing() -> None:
    told = notebook.told(lambda: True)
    assert told.is_cancelled()
    assert told.agrees("Go on?")
    assert not notebook.told().is_cancelled()


def test_a_block_is_drawn_in_place_and_gone_at_the_end(shell: list[Any]) -> None:
    opened: Any = SimpleNamespace(point_counts=[], units=SimpleNamespace(by_unit=lambda counts, none: counts))
    with notebook.told().watching(opened) as watcher:
        watcher.show("site <1>")  # type: ignore[attr-defined]
    assert shell == ["<pre>site &lt;1&gt;</pre>", ""]
