"""What is known of images decides which are run; a run becomes what its survey says, and how it is read may change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.e2e.rehearsal import PATIENT_S
from tests.warm import start

SURVEY = """\
version: 1
name: reef
service: emulator
classifier: {source: 1}
sources:
  - coralnet: 1
    filters: {where: {site: [site1, site2, site9], Depth: {max: 5}}}
sampling:
  images: {count: 2, by: site, seed: 3}
  points: {method: simple random, number_of_points: 2}
metadata: coralnet
design: {unit: SITE, strata: {field: habitat, areas: areas.csv}}
run: {patience: 1s}
"""
AREAS = "habitat,area\nlagoon,2\nforereef,3\nreef crest,1\n"


def coralrun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = start("coralrun.cli.main", arguments, folder, {"PATH": os.environ["PATH"], "HOME": str(folder)})
    out, err = process.communicate(timeout=PATIENT_S)
    return subprocess.CompletedProcess(arguments, process.wait(), out, err)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a survey that was carried out."""
    folder = tmp_path_factory.mktemp("design")
    (folder / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    done = coralrun(folder, "apply", "survey.yaml", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def change(folder: Path, name: str, old: str, new: str) -> Path:
    path = folder / name
    text = SURVEY.replace(old, new)
    assert text != SURVEY
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_shows_what_each_condition_removed_and_lists_what_it_did_not_find(folder: Path) -> None:
    printed = (folder / "printed.txt").read_text(encoding="utf-8")
    for line in (
        "    coralnet:1: where site: removes 20, leaves 40\n",
        "    coralnet:1: where Depth: removes 20, leaves 20\n",
        "    sampling.images: removes 16, leaves 4\n",
        "  coralnet:1: values of `site` under `where` that no image has: 1 (site9)\n",
        "  values of `Habitat` in areas.csv that no image has: 1 (reef crest)\n",
    ):
        assert line in printed, line


def test_a_plan_keeps_what_is_known_of_each_image_and_how_likely_it_was(folder: Path) -> None:
    fields = json.loads((folder / "runs/reef/plans/001/plan.json").read_bytes())["fields"]
    images = [json.loads(line) for line in (folder / "runs/reef/plans/001/images.jsonl").read_bytes().splitlines()]
    known = [dict(zip(fields, image["metadata"], strict=True)) for image in images]
    assert [(image["Site"], image["Depth"]) for image in known] == [("site1", "5")] * 2 + [("site2", "5")] * 2
    assert [image["inclusion"] for image in images] == [0.2] * 4
    assert json.loads((folder / "runs/reef/plans/001/analysis.json").read_bytes())["analysis"]["drawn_by"] == "Site"


def test_a_finished_run_is_re_analysed_without_anything_being_sent(folder: Path) -> None:
    run = folder / "runs/reef"
    log, predictions = (run / "log.jsonl").read_bytes(), (run / "outputs/predictions.csv").read_bytes()
    before = json.loads((run / "plans/001/analysis.json").read_bytes())["analysis"]
    assert {name: value for name, value in before["design"].items() if value} == {
        "unit": "Site", "strata_field": "Habitat", "areas": "areas.csv",
    }  # fmt: skip
    assert before["areas"] == {"lagoon": 2.0, "forereef": 3.0, "reef crest": 1.0}
    other = change(folder, "survey.yaml", "{unit: SITE, strata: {field: habitat, areas: areas.csv}}", "{unit: image}")
    done = coralrun(folder, "apply", str(other), "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Re-analysing runs/reef: its design, label groups or formats changed.\n  survey  ")
    assert '\n  survey      design.unit: "SITE" -> "image"\n' in done.stdout
    assert json.loads((run / "plans/001/analysis.json").read_bytes())["analysis"]["design"]["unit"] == "image"
    assert json.loads((run / "plans/001/survey.json").read_bytes())["design"] == {"unit": "image"}
    assert (run / "log.jsonl").read_bytes() == log
    assert (run / "outputs/predictions.csv").read_bytes() == predictions
    again = coralrun(folder, "apply", str(other), "--yes")
    assert again.stdout.startswith("runs/reef is finished; there is nothing to do.\n")


def test_a_finished_run_becomes_what_its_survey_says_now(folder: Path) -> None:
    shutil.copytree(folder / "runs/reef", folder / "runs/more")
    text = SURVEY.replace("count: 2", "count: 3")
    (folder / "survey.yaml").write_text(text, encoding="utf-8")
    done = coralrun(folder, "apply", "survey.yaml", "--yes", "--run-dir", "runs/more")
    assert done.returncode == 0, done.stderr
    assert "  survey      sampling.images.count: 2 -> 3\n" in done.stdout
    assert "\n  + 2 images new\n" in done.stdout
    assert "  = 4 images as before\n  to send     2 images in 1 job" in done.stdout
    assert "  images  6 = 6 succeeded + 0 failed + 0 skipped\n" in done.stdout


def test_an_area_that_is_missing_is_found_before_anything_is_re_analysed(folder: Path) -> None:
    (folder / "fewer.csv").write_text("habitat,area\nlagoon,2\n", encoding="utf-8")
    other = change(folder, "survey.yaml", "areas.csv", "fewer.csv")
    analysis = (folder / "runs/reef/plans/001/analysis.json").read_bytes()
    done = coralrun(folder, "apply", str(other), "--yes")
    assert done.returncode == 2
    assert "\nfewer.csv: there is no area for the Habitat `forereef` (2 images)\n" in done.stderr
    assert (folder / "runs/reef/plans/001/analysis.json").read_bytes() == analysis


def test_the_images_of_an_earlier_run_are_left_out_of_the_next(folder: Path) -> None:
    text = SURVEY.replace("Depth: {max: 5}}", "Depth: {max: 5}}, not_in: runs/reef").replace("reef\n", "next\n", 1)
    (folder / "next.yaml").write_text(text, encoding="utf-8")
    done = coralrun(folder, "plan", "next.yaml")
    assert "    coralnet:1: not_in: removes 4, leaves 16\n" in done.stdout, done.stderr
    (folder / "none.yaml").write_text(text.replace("runs/reef", "runs/none"), encoding="utf-8")
    refused = coralrun(folder, "validate", "none.yaml")
    assert refused.returncode == 2
    assert refused.stderr == (
        "none.yaml:7:78: runs/none holds no run\n"
        "-> Name the directory of a run, relative to where you call the command, as `outputs` does.\n"
    )
