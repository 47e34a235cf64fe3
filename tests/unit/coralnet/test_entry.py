"""What people are told of a CoralNet: that a run on their own computer was a rehearsal, for one."""

from __future__ import annotations

import pytest

from coralrun.coralnet.entry import about


@pytest.mark.parametrize("service", ["http://127.0.0.1:8123", "http://localhost:9", "http://[::1]:8000"])
def test_a_run_on_this_computer_is_stamped_not_real(service: str) -> None:
    assert about(service).caution.startswith(f"NOT REAL: this run was at {service}, on this computer")


@pytest.mark.parametrize("service", ["https://coralnet.ucsd.edu", "https://localhost.example.org"])
def test_a_run_at_a_coralnet_elsewhere_is_not(service: str) -> None:
    assert about(service).caution == ""
