"""The line of crontab that the documents show, as cron calls it: by `sh`, with hardly any environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.docs.markdown import ROOT, blocks

FOLDER, PROGRAM = "/home/ann/reef", ".venv/bin/coralrun"
BASE = """\
service: emulator
classifier: {source: 1}
run: {patience: 1s}
sampling: {points: {method: simple random, number_of_points: 2}}
"""
SURVEY = """\
version: 1
extends: base.yaml
name: {name}
sources: [{{coralnet: 1, search: {{image_id_list: [1, 2]}}}}]
"""


def test_the_line_for_cron_mails_what_is_wrong_once_and_else_nothing(tmp_path: Path) -> None:
    (line,) = [block.text for block in blocks(ROOT / "docs" / "surveys.md", "crontab")]
    command = line.split(maxsplit=5)[5].replace(FOLDER, str(tmp_path))
    program, surveys = tmp_path / PROGRAM, tmp_path / "surveys"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m coralrun "$@"\n')
    program.chmod(0o755)
    surveys.mkdir()
    (surveys / "base.yaml").write_text(BASE)
    (surveys / "a-broken.yaml").write_text(SURVEY.format(name="broken").replace("version", "versoin"))
    (surveys / "reef.yml").write_text(SURVEY.format(name="reef"))
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}

    with subprocess.Popen(
        ["/bin/sh", "-c", f"exec {command.partition('&& ')[2]}"], cwd=tmp_path, env=environment
    ) as killed:
        while not (tmp_path / "runs/reef/run.untold").exists():
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()

    first = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True)
    head, *lines, of_other, earlier, begun = first.stdout.splitlines()
    assert (first.returncode, first.stderr) == (2, "")
    assert head.endswith("Z surveys/a-broken.yaml ended with 2:")
    assert lines == [
        "  surveys/a-broken.yaml:1:1: unknown key `versoin`: did you mean `version`?",
        "  -> Correct the lines named above and run the command again.",
    ]
    assert of_other[20:] == " surveys/reef.yml ended with 0, all done:"
    assert earlier.startswith("  of the call of 20")
    assert earlier.endswith("Z, which was cut short:")
    assert begun.startswith("    begun: 2 images, 4 points in all; no run was at runs/reef, ")
    assert (tmp_path / "runs/reef/outputs/predictions.csv").exists()

    (surveys / "a-broken.yaml").unlink()
    second = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    (surveys / "reef.yml").write_text(SURVEY.format(name="reef").replace("[1, 2]", "[2]"))
    (surveys / "base.yaml").write_text(BASE.replace("points: 2", "points: 3"))
    third = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True)
    head, anew, gone, found, points, images, total = third.stdout.splitlines()
    assert (third.returncode, head[20:]) == (0, " surveys/reef.yml ended with 0, all done:")
    assert anew.startswith("  sent anew, with other points: 1 (reef_site1_")
    in_base = "(surveys/base.yaml:4, and so for each survey that is built on it)"
    assert points == f"  survey      sampling.points.number_of_points: 2 -> 3 {in_base}"
    assert images == "  survey      sources[1].search.image_id_list: [1, 2] -> [2]"
    assert gone.startswith("  not in the tables any more, though what they came to is kept: 1 (reef_site1_")
    assert (found, total) == ("    coralnet:1: found 2, now 1", "  images      2 -> 1, 0 of them new")

    (surveys / "reef.yml").write_text(SURVEY.format(name="atoll"))
    renamed = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True)
    head, said, remedy = renamed.stdout.splitlines()
    assert (renamed.returncode, head[20:]) == (2, " surveys/reef.yml ended with 2:")
    assert said.startswith("  runs/reef is a run of this survey too. Where nobody looks on, no other is begun.")
    assert remedy.startswith(
        "  -> To go on with it, say `name: reef`: a run keeps its name. To begin anew all the same:"
    )

    (surveys / "reef.yml").write_text(SURVEY.format(name="reef"))
    (tmp_path / "runs/reef").rename(tmp_path / "reef")
    moved = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True)
    assert (moved.returncode, moved.stdout.count("is not there any more")) == (2, 1)
    assert not list((tmp_path / "runs").iterdir())
