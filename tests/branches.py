"""Every branch of the packages below is taken by a test beside it: measured in the run of all tests, of those alone.

Rule: with CORALRUN_BRANCHES=1 coverage is on while the named packages are imported and while one of the tests beside
them runs, in whichever process that is, and off otherwise: what another test happens to run holds nothing. The process
that began adds up what all have seen, and fails the run for a branch that is missed.
"""

from __future__ import annotations

import io
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from coverage import Coverage

PACKAGES = ("machine", "store", "coralnet.codec.wire", "coralnet.account.limiter", "coralnet.account.ledger")
BESIDE = (
    "tests/unit/machine/",
    "tests/unit/store/",
    "tests/unit/coralnet/codec/test_wire.py",
    "tests/unit/coralnet/account/test_limiter.py",
    "tests/property/test_machine_codec.py",
)
ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "CORALRUN_BRANCHES"
"""1, or the folder in which the process that began keeps what was seen."""


class Branches:
    """The plugin of one process; made before anything of coralrun is imported."""

    def __init__(self, folder: str) -> None:
        self._began = folder == "1"
        self._folder = tempfile.mkdtemp() if self._began else folder
        os.environ[VARIABLE] = self._folder
        self._missed = ""
        self._coverage = self._measure(True)
        self._coverage.start()
        for name in PACKAGES:
            package = import_module(f"coralrun.{name}")
            for module in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{package.__name__}."):
                import_module(module.name)
        self._coverage.stop()

    def _measure(self, one_of_many: bool) -> Coverage:
        return Coverage(
            f"{self._folder}/seen",
            data_suffix=one_of_many,
            branch=True,
            source_pkgs=[f"coralrun.{name}" for name in PACKAGES],
            config_file=str(ROOT / "pyproject.toml"),
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Look while a test beside the packages runs."""
        if not item.nodeid.startswith(BESIDE):
            return (yield)
        self._coverage.start()
        try:
            return (yield)
        finally:
            self._coverage.stop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep what was seen here, and in the process that began judge it all."""
        self._coverage.save()
        if self._began:
            self._judge(session)
            shutil.rmtree(self._folder)

    def _judge(self, session: pytest.Session) -> None:
        whole, shown = self._measure(False), io.StringIO()
        whole.combine([self._folder])
        if whole.report(show_missing=True, skip_covered=True, file=shown) < 100:
            self._missed = shown.getvalue()
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where a branch is that no test beside it takes."""
        if self._missed:
            terminalreporter.section("branches that no test beside them takes")
            terminalreporter.write(self._missed)


if __name__ == "__main__":
    print(*BESIDE)
