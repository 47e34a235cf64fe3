"""How long a run waits between two looks at most, by the service that it is at."""

from __future__ import annotations

import math

import pytest

from coralrun.app.connection import EMBEDDED_PATIENCE_S, connect


def test_a_rehearsal_looks_every_few_seconds_and_a_real_service_as_the_survey_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"CORALNET_{name}", raising=False)
    monkeypatch.setenv("NETRC", "/nowhere")
    embedded = connect("emulator", web_rate=4, ask=None, must_have_account=False)
    real = connect("https://coralnet.test", web_rate=4, ask=None, must_have_account=False)
    assert (embedded.patience_most_s, real.patience_most_s) == (EMBEDDED_PATIENCE_S, math.inf)
