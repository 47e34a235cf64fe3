"""A path that cannot be used is an error of the person's, told before anything is asked of a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coralrun.app import reach
from coralrun.app.applying import apply
from coralrun.app.run.paths import check_out, check_out_folder, reaching
from coralrun.app.run.places import check_place
from coralrun.cli.commands import plan, status, validate
from coralrun.console.printer import Printer
from coralrun.errors import UsageError
from coralrun.planning import codec
from coralrun.store.layout import Layout

TOO_LONG = Path("x" * 300)
OPENING = codec._OPENING + b"1,"
SURVEY = """\
version: 1
name: a
service: emulator
classifier: {id: 1}
sources: [{coralnet: 1}]
sampling: {points: {method: uniform grid, cell_rows: 2, cell_columns: 3}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        lambda printer: apply.apply(TOO_LONG, None, apply.ApplyOptions(), printer),
        lambda printer: plan.run(TOO_LONG, plan.PlanOptions(), printer),
        lambda printer: apply.resume(TOO_LONG, printer),
        lambda printer: validate.run([TOO_LONG], printer),
        lambda printer: status.run(TOO_LONG, False, False, printer),
    ],
)
def test_a_path_that_the_system_refuses_is_named_with_its_reason(command: Any) -> None:
    with pytest.raises(UsageError, match=r"x{300}: File name too long"):
        command(Printer())


def test_a_folder_that_may_not_be_read_is_named_with_its_reason() -> None:
    with pytest.raises(UsageError, match="runs: Permission denied"), reaching(Path("runs")):
        raise PermissionError(13, "Permission denied", "runs/a/run.json")


def test_a_plan_is_not_saved_where_it_cannot_be_before_anything_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "survey.yaml").write_text(SURVEY)
    monkeypatch.setattr(reach, "reach", lambda *_, **__: pytest.fail("the service was reached"))

    for out, why in [
        (".", "a folder, not a file"),
        ("missing/a.plan", "missing: no such folder"),
        ("survey.yaml/a.plan", "survey.yaml"),
        ("x" * 300, "File name too long"),
        ("survey.yaml", "survey.yaml: is not a saved plan; it would be overwritten"),
        ("/dev/null", "is not a saved plan"),
    ]:
        with pytest.raises(UsageError, match=why):
            plan.run(folder / "survey.yaml", plan.PlanOptions(out=Path(out)), Printer())
    assert (folder / "survey.yaml").read_text() == SURVEY


def test_a_plan_may_take_the_place_of_another_plan_of_an_empty_file_and_of_nothing(folder: Path) -> None:
    (folder / "old.plan").write_bytes(OPENING)
    (folder / "empty").touch()

    for name in ("old.plan", "empty", "new.plan"):
        check_out(Path(name))


@pytest.mark.parametrize(
    "command",
    [
        lambda path: validate.run([path], Printer()),
        lambda path: plan.run(path, plan.PlanOptions(), Printer()),
    ],
)
@pytest.mark.parametrize("length", [0, 3_000_000])
def test_a_saved_plan_given_for_a_survey_is_told_from_one(folder: Path, command: Any, length: int) -> None:
    (folder / "a.plan").write_bytes(OPENING + b" " * length)

    with pytest.raises(UsageError, match=r"a\.plan: this is a saved plan") as caught:
        command(Path("a.plan"))

    assert caught.value.remedy == "Carry it out with: coralrun apply a.plan"


def test_a_run_and_a_survey_given_for_each_other_are_told_what_to_use(folder: Path) -> None:
    (folder / "survey.yaml").write_text(SURVEY)
    with pytest.raises(UsageError) as caught:
        apply.resume(Path("survey.yaml"), Printer())
    assert caught.value.remedy == (
        "Name the directory of a run: the one with a run.json."
        " A survey, or a saved plan, is begun and gone on with by: coralrun apply survey.yaml"
    )
    (folder / "run" / "state").mkdir(parents=True)
    for name in ("run.json", "state/journal-0.jsonl"):
        (folder / "run" / name).write_text("{}")
    with pytest.raises(UsageError) as caught:
        apply.apply(Path("run"), None, apply.ApplyOptions(), Printer())
    assert caught.value.remedy == "It is a run; go on with it: coralrun resume run"


@pytest.mark.parametrize("path", ["~", "~/runs/a"])
def test_no_folder_that_is_called_like_the_home_folder_is_made(folder: Path, path: str) -> None:
    for refusal in (check_out_folder, lambda place: check_place(Layout(place))):
        with pytest.raises(UsageError, match="stands for your home folder in a shell without quotes only") as caught:
            refusal(Path(path))
        assert caught.value.remedy == f"Write the path in full; in a survey also so: ${{HOME}}{path[1:]}"
    check_out_folder(folder / "a~" / "~b")
