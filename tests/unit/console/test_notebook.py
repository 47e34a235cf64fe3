"""In a notebook nothing is red, and a run is one block that changes; elsewhere lines are printed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from coralrun.console import notebook
from coralrun.errors import ServiceError

PRE = notebook.as_html("").removesuffix("</pre>")


class ZMQInteractiveShell:
    """What a notebook's kernel calls its shell."""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A notebook's kernel, and what its display was told."""
    shown: list[Any] = []
    place = SimpleNamespace(update=shown.append)

    def put(first: str, display_id: bool) -> SimpleNamespace:
        shown.append(first)
        return place

    display = SimpleNamespace(HTML=str, display=put)
    ipython = SimpleNamespace(get_ipython=ZMQInteractiveShell, display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    return shown


def test_a_script_is_no_notebook_and_neither_is_ipython_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not notebook.in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not notebook.in_notebook()


def test_a_notebook_is_told_nothing_in_red(shell: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    told = notebook.told()
    told.doing("listing the images of source 1", 20, 60)
    told.doing("compiling")
    told.paused(ServiceError("the service is away", remedy="Wait."))
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == "the service is away\n-> Wait.\n"
    assert shell == [f"{PRE}listing the images of source 1: 20 of 60</pre>", f"{PRE}compiling</pre>", ""]


def test_whoever_called_may_cancel_and_is_asked_nothing() -> None:
    told = notebook.told(lambda: True)
    assert told.is_cancelled()
    assert told.agrees("Go on?")
    assert not notebook.told().is_cancelled()


def test_a_block_is_drawn_in_place_and_gone_at_the_end(shell: list[Any]) -> None:
    opened: Any = SimpleNamespace(point_counts=[], units=SimpleNamespace(by_unit=lambda counts, none: counts))
    told = notebook.told()
    with told.watching(opened) as watcher:
        watcher.show("site <1>")  # type: ignore[attr-defined]
        told.doing("writing the tables", 2, 9)
    told.doing("fetching photos", 1)
    told.close()
    assert shell == [
        f"{PRE}site &lt;1&gt;</pre>",
        f"{PRE}now         writing the tables: 2 of 9</pre>",
        "",
        f"{PRE}fetching photos: 1</pre>",
        "",
    ]
