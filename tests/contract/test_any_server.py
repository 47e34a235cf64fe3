"""The way to a real server is tried on one: an emulator that another process knows by its address alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.rehearsal import PATIENT_S, reef

ROOT = Path(__file__).parents[2]
AT_LEAST = 100
"""Tests of the contract that every server can answer; fewer, and most of them were skipped."""


def test_the_contract_holds_at_an_address_that_is_given_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = dict(os.environ)
    for name in environment:
        if name.lower().endswith("_proxy"):  # the server looks for hosts itself: one that does not exist is not found
            monkeypatch.delenv(name)
    with reef(seconds_per_image=1) as server:
        told = {
            "CORALRUN_CONTRACT_URL": server.url,
            "CORALRUN_CONTRACT_PACE_S": "0.01",
            "CORALRUN_CONTRACT_UPLOADS": "1",
            "CORALNET_USERNAME": server.username,
            "CORALNET_PASSWORD": server.password,
        }
        server.order(requests_per_minute=10_000)
        asked = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "[live", "tests/contract"],
            cwd=ROOT,
            env={**environment, **told},
            capture_output=True,
            text=True,
            timeout=PATIENT_S,
        )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    passed = re.search(r"([0-9]+) passed", asked.stdout)
    assert passed is not None
    assert int(passed[1]) >= AT_LEAST, asked.stdout
