"""What is said of a run that paused is said in the words of its service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.ports.words import Words
from tests.ports.words_entry import entry
from tests.unit.app.beforehand.test_text import PLAN
from tests.unit.app.run.test_summary import SUMMARY

from coralrun import services
from coralrun.app.applying.pausing import pause_error
from coralrun.coralnet.refusals import ACCOUNT_REMEDY
from coralrun.errors import CredentialsError
from coralrun.planning.model import Bucket
from coralrun.sources.bucket import CREDENTIALS_REMEDY

PAUSED = replace(SUMMARY, paused_why="credentials", paused_detail="Invalid token.")


def test_a_refused_account_of_coralnet_is_told_where_coralrun_looks_for_one() -> None:
    error = pause_error(PAUSED, PLAN)
    assert isinstance(error, CredentialsError)
    assert error.message == "the service does not accept the credentials any more: Invalid token."
    assert error.remedy == ACCOUNT_REMEDY


def test_a_refused_account_of_another_service_is_told_nothing_of_coralnet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SERVICES", (*services.SERVICES, entry(Words(tmp_path))))
    assert pause_error(replace(PAUSED, service="words"), PLAN).remedy == CredentialsError.remedy
    assert "coralnet" not in CredentialsError.remedy.casefold()


def test_credentials_that_may_be_those_of_a_bucket_are_told_of_both() -> None:
    bucket = Bucket(name="reef", prefix="", endpoint=None, region="us-east-1")
    with_bucket = replace(PLAN, buckets={"s3://reef/": bucket})
    assert pause_error(PAUSED, with_bucket).remedy == f"{ACCOUNT_REMEDY} If it is a bucket: {CREDENTIALS_REMEDY}"
