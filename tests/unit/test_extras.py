"""How an extra is added depends on what made the environment: pip says nothing to one of pipx or uv."""

from __future__ import annotations

import pytest

from coralrun.extras import install


@pytest.mark.parametrize(
    ("prefix", "command"),
    [
        ("/home/ann/reef/.venv", 'pip install "coralrun[excel]" (in a checkout: pip install ".[excel]")'),
        ("/home/ann/.local/share/pipx/venvs/coralrun", 'pipx install --force "coralrun[excel]" '),
        ("/home/ann/.local/share/uv/tools/coralrun", 'uv tool install "coralrun[excel]" '),
        ("/home/ann/.cache/uv/archive-v0/Rx1", 'uvx --from "coralrun[excel]" coralrun '),
    ],
)
def test_an_extra_is_added_by_what_installed_coralrun(prefix: str, command: str) -> None:
    assert install("excel", prefix).startswith(command)
