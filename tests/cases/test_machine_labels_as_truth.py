"""A machine's label is never a person's, whatever table it stands in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

RUN = "runs/machine-labels-as-truth"
KIND = "machine-labels-as-truth"


@pytest.fixture
def folder(case: Callable[[str], Path], coralrun: Callable[..., Result]) -> Path:
    """The folder of the kind, its survey carried out."""
    found = case(KIND)
    assert coralrun("apply", found / "survey.yaml", "--yes").exit_code == 0
    return found


@pytest.mark.parametrize(
    ("file", "column"), [("truth-toolbox.csv", "Verified"), ("truth-api.csv", "score")], ids=["Verified", "score"]
)
def test_a_machines_labels_are_no_truth_and_no_review(
    folder: Path, coralrun: Callable[..., Result], file: str, column: str
) -> None:
    path = folder / file
    for option in ([], ["--labelled-by", "people"]):
        judged = coralrun("accuracy", RUN, "--truth", path, "--allow-in-sample", *option)
        assert (judged.exit_code, judged.stdout, judged.stderr) == (
            2,
            "",
            f"{path}: none of its 1 rows may judge {RUN}: 1 labelled by a machine, as the column `{column}` says\n"
            "-> Use labels that people gave: a machine's are no truth.\n",
        )
        taken = coralrun("review", "import", RUN, path, *option)
        assert (taken.exit_code, taken.stdout, taken.stderr) == (
            2,
            "",
            f"{path}: no row has a person's label: 1 is a machine's, as the column `{column}` says\n"
            "-> Import what people labelled.\n",
        )


def test_a_table_that_does_not_say_who_labelled_needs_a_word_for_it(
    folder: Path, coralrun: Callable[..., Result]
) -> None:
    path = folder / "truth-plain.csv"
    refused = coralrun("accuracy", RUN, "--truth", path, "--allow-in-sample")
    assert (refused.exit_code, refused.stdout, refused.stderr) == (
        2,
        "",
        f"{path}: no column says who gave 1 of its labels, people or a machine\n"
        "-> If people gave them, say so: --labelled-by people. Where some are a "
        "machine's, give the table a column `Annotator`: a machine's labels are no truth.\n",
    )
    judged = coralrun("accuracy", RUN, "--truth", path, "--allow-in-sample", "--labelled-by", "people")
    assert judged.exit_code == 0
    assert judged.stdout.splitlines()[:2] == [
        f"{RUN} against {path}: 1 of 1 rows judge  IN-SAMPLE",
        "  no column says who gave 1 of the labels; taken as people's, as --labelled-by people says",
    ]
