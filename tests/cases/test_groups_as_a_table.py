"""Label groups as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from coralrun.app.survey.analysis import groups_of
from coralrun.app.survey.survey_file import read_survey
from coralrun.spec.groups import Group


def test_a_table_of_labels_and_their_groups_is_read(
    case: Callable[[str], Path], coralrun: Callable[..., Result]
) -> None:
    survey = case("groups-as-a-table") / "survey.yaml"
    ran = coralrun("validate", survey)
    assert (ran.exit_code, ran.stdout) == (
        0,
        f"{survey.as_posix()}: valid (groups-as-a-table: 1 source, service emulator)\n",
    )
    groups = groups_of(read_survey(survey))
    assert groups is not None
    assert (groups.levels, groups.groups) == (
        ("functional_group",),
        (Group(path=("Bare",), labels=(1,)), Group(path=("Other",), labels=(2,))),
    )
