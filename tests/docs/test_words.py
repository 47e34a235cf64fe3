"""What the documents say is what the program does: commands, options, exit codes, columns, keys, limits, links."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main
import yaml
from tests.docs import markdown
from tests.docs.markdown import (
    CORALNET,
    GUIDES,
    KEYS,
    README,
    ROOT,
    RUNS,
    blocks,
    command_lines,
    sections,
    table,
    words,
)
from tests.unit.plans import PLAN

import coralrun
from coralrun import __version__, errors
from coralrun.accuracy import by_class, corrected, judgement
from coralrun.app.answers.export_options import GivenOptions
from coralrun.cli.help import COMMANDS
from coralrun.cli.main import app
from coralrun.coralnet import protocol
from coralrun.cover import tables as cover_tables
from coralrun.cover.diversity import DIVERSITY_COLUMNS
from coralrun.cover.reader import COVER_COLUMNS, DIAGNOSTIC_COLUMNS, IMAGE_COLUMNS
from coralrun.exports.model import ExportOptions
from coralrun.exports.options import OPTIONS
from coralrun.exports.registry import FORMATS
from coralrun.files.written import Table
from coralrun.limits import TOP_SCORES
from coralrun.machine.apply import TABLE
from coralrun.machine.stored_photos import TABLE as OF_PHOTOS
from coralrun.planning.estimate import batches_of, window_s
from coralrun.planning.images import PlannedImage
from coralrun.results import tables
from coralrun.review import reviewed
from coralrun.review import table as review_table
from coralrun.sources.programs import PROGRAMS

MARKDOWN = sorted(path for path in ROOT.glob("*.md")) + GUIDES + sorted((ROOT / "examples").rglob("*.md"))
GROUP_FOLDER = "groups"  # what stands there are label groups, not surveys
SURVEYS = [
    path
    for folder in ("examples", "configs")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
    if path.parent.name != GROUP_FOLDER
]


def command_of(name: str) -> Any:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return group.commands[name]


def options_of(name: str) -> set[str]:
    return {option for param in command_of(name).params for option in param.opts}


def check_command_line(line: str) -> None:
    """Let the command line's own parser read it, without carrying it out."""
    arguments = shlex.split(line, comments=True)[1:]
    if arguments in (["--help"], ["--version"], ["--install-completion"]):
        return
    name, *rest = arguments
    assert name in COMMANDS, f"there is no command {name!r}"
    command = command_of(name)
    if not rest or rest == ["--help"]:
        return  # a command is named, not called
    command.make_context(name, rest)


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_every_command_line_in_a_document_is_one_that_the_program_takes(path: Path) -> None:
    for number, line in command_lines(path):
        try:
            check_command_line(line)
        except Exception as error:
            raise AssertionError(f"{path.name}:{number}: {line}: {error}") from error


def test_the_check_of_command_lines_finds_what_is_wrong_in_them() -> None:
    for wrong in ("coralrun apply a.yaml --limt 5", "coralrun apply a.yaml --limit five", "coralrun run a.yaml"):
        with pytest.raises(Exception, match=r"[Nn]o such option|valid integer|no command"):
            check_command_line(wrong)


def test_the_first_pages_hold_command_lines_that_are_checked() -> None:
    assert len(command_lines(README)) + len(command_lines(CORALNET)) > 10


@pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_in_the_comments_of_a_survey_is_one_that_the_program_takes(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        comment = line.partition("#")[2].strip()
        if comment.startswith("coralrun "):
            check_command_line(comment)
        for piece in words(comment):
            if piece.startswith("coralrun "):
                check_command_line(piece)


def test_the_guide_to_commands_lists_those_that_help_lists() -> None:
    listed = {words(row[0])[0] for row in table(markdown.COMMANDS, "The commands")}
    assert listed == {f"coralrun {name}" for name in COMMANDS}
    shown = subprocess.run([sys.executable, "-m", "coralrun", "--help"], capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert re.search(rf"^  {name}\b", shown.stdout, re.MULTILINE)


def test_the_guide_names_the_commands_that_speak_json() -> None:
    said = re.search(r"All but (.*?) take `--json`", sections(markdown.COMMANDS)["The commands"].replace("\n", " "))
    assert said
    silent = {name for name in COMMANDS if "--json" not in options_of(name)}
    assert set(words(said[1])) == silent


def test_the_guide_lists_every_exit_code_that_the_program_has_and_no_other() -> None:
    def subclasses(kind: type[errors.CoralrunError]) -> Iterator[type[errors.CoralrunError]]:
        yield kind
        for subclass in kind.__subclasses__():
            yield from subclasses(subclass)

    of_errors = {kind.exit_code for kind in subclasses(errors.CoralrunError)}
    of_endings = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    rows = table(markdown.COMMANDS, "Exit codes")
    assert [int(code) for row in rows for code in row[0].split(", ")] == sorted(of_errors | of_endings)


def test_the_guide_to_runs_gives_the_columns_of_each_table_in_their_order() -> None:
    rows = {words(row[0])[0]: words(row[1]) for row in table(RUNS, "The columns")}
    assert tuple(rows["failures.csv"]) == tables.FAILURE_COLUMNS
    assert tuple(rows["tries.csv"]) == tables.TRY_COLUMNS
    assert tuple(rows["jobs.csv"]) == tables.JOB_COLUMNS
    first = 5 + 4
    *columns, last = rows["predictions.csv"]
    assert tuple(columns) == tables.PREDICTION_COLUMNS[:first]
    assert last == f"_{TOP_SCORES}"
    assert tables.PREDICTION_COLUMNS[-1].endswith(last)


def test_the_guide_to_cover_gives_the_columns_of_each_table_in_their_order() -> None:
    rows = {words(row[0])[0]: tuple(words(row[1])) for row in table(ROOT / "docs" / "cover.md", "The tables")}
    assert rows == {
        Table.COVER.file: (cover_tables.WHOLE, *COVER_COLUMNS),
        Table.COVER_IMAGES.file: IMAGE_COLUMNS,
        Table.COVER_DIAGNOSTICS.file: DIAGNOSTIC_COLUMNS,
        Table.DIVERSITY.file: DIVERSITY_COLUMNS,
    }


def test_the_guide_to_reviews_gives_the_columns_of_each_table_in_their_order() -> None:
    rows = {words(row[0])[0]: tuple(words(row[1])) for row in table(ROOT / "docs" / "review.md", "The tables")}
    assert rows == {
        "NAME-review.csv": review_table.COLUMNS + review_table.SEEN_COLUMNS,
        "reviewed.csv": reviewed.COLUMNS,
        "cover_corrected.csv": corrected.COLUMNS,
        "cover_two_phase.csv": by_class.COLUMNS,
        "accuracy_cover.csv": judgement.BIAS_COLUMNS,
        "accuracy_units.csv": judgement.UNIT_COLUMNS,
        "accuracy_points.csv": judgement.POINT_COLUMNS,
        "accuracy_confusion.csv": judgement.CONFUSION_COLUMNS,
        "accuracy_beside.csv": judgement.BESIDE_COLUMNS,
        "accuracy_images.csv": judgement.IMAGE_COLUMNS,
    }


def survey_keys(schema: dict[str, Any], above: str = "") -> Iterator[str]:
    """The keys of a survey that hold a value, by their path."""
    for name, part in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        items = part.get("items", {})
        deeper = part if "properties" in part else items if "properties" in items else None
        if deeper is None:
            yield path
        else:
            yield from survey_keys(deeper, path)


def test_the_guide_explains_every_key_that_a_survey_may_have_and_no_other() -> None:
    schema = json.loads((ROOT / "schemas" / "survey.v1.json").read_text(encoding="utf-8"))
    explained = [word for row in table(KEYS, "Every key") for word in words(row[0])]
    assert len(explained) == len(set(explained))
    assert set(explained) == set(survey_keys(schema))


def test_the_guide_gives_the_limits_that_the_program_keeps() -> None:
    text = sections(CORALNET)["What CoralNet allows, and 175,000 images"]
    for said in (
        f"| jobs at a time | {protocol.DEFAULT_ACTIVE_JOBS} |",
        f"| images a job | {protocol.MAX_ENTRIES_PER_JOB} |",
        f"| points an image and request | {protocol.MAX_POINTS_PER_ENTRY};",
        f"up to {protocol.MAX_POINTS_PER_IMAGE:,} |",
        f"{protocol.REQUESTS_PER_MINUTE} a minute and {protocol.REQUESTS_PER_HOUR:,} an hour",
        f"| pixels an image | {protocol.MAX_PIXELS:,} |",
        f"at {protocol.WEB_RATE:g} a second",
    ):
        assert said in text, said


def test_the_sum_for_175000_images_is_the_program_s_own() -> None:
    text = sections(CORALNET)["What CoralNet allows, and 175,000 images"]
    image = PlannedImage(key="k", source="s", name="n", points=200)
    plan = replace(PLAN, images=(image,) * 175_000, batch_size=100, points_per_entry=protocol.MAX_POINTS_PER_ENTRY)
    jobs = sum(1 for _ in batches_of(plan, protocol.MAX_ENTRIES_PER_JOB))
    rounds = jobs // protocol.DEFAULT_ACTIVE_JOBS
    assert f"= {jobs:,} |" in text
    assert f"2 a job = {2 * jobs:,}," in text
    assert f"at least {window_s(2 * jobs, protocol.LIMITS.windows or ()) // 3600:.0f} hours" in text
    minutes = protocol.JOB_TAKES_S / 60
    assert f"= {rounds} rounds of at least {minutes:.0f} minutes: {rounds * minutes / 60:.1f} hours" in text
    assert f"a second: {175_000 / protocol.WEB_RATE / 3600:.0f} hours" in text
    by_source = " ".join(sections(CORALNET)["By way of a source"].split())
    pages = jobs * protocol.PAGES_PER_BATCH
    hours = (175_000 + pages) / protocol.WEB_RATE / 3600
    assert f"175,000 image pages and {pages:,} pages for the batches: {hours:.0f} hours at 4 a second" in by_source


def test_the_guides_name_the_environment_variables_that_the_program_reads() -> None:
    read = set()
    for path in (ROOT / "engine").rglob("*.py"):
        read |= set(re.findall(r'"(CORAL(?:NET|RUN)_[A-Z_]+)"', path.read_text(encoding="utf-8")))
    read |= {f"CORALNET_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN")}  # which the code puts together
    text = CORALNET.read_text(encoding="utf-8")
    assert set(re.findall(r"CORAL(?:NET|RUN)_[A-Z_]+", text)) == read
    for name in sorted(read):
        assert name in text


def test_the_contributing_guide_shows_the_layers_that_are_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["coralrun"])
    shown = [set(words(row[0])) for row in table(ROOT / "CONTRIBUTING.md", "The house")]
    assert shown == [set(layer.split(" | ")) for layer in layers]


def test_the_contributing_guide_draws_the_tables_by_which_batches_and_photos_go() -> None:
    drawn = [block.text.splitlines() for block in blocks(ROOT / "CONTRIBUTING.md", "mermaid")]
    tables: tuple[Mapping[Any, Any], ...] = (TABLE, OF_PHOTOS)
    assert drawn == [
        ["stateDiagram-v2"]
        + [f"    {before or '[*]'} --> {after or '[*]'}: {fact.__name__}" for (before, fact), after in phases.items()]
        for phases in tables
    ]


def test_the_contributing_guide_names_files_and_folders_that_are_there() -> None:
    named = {
        word
        for word in words((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
        if re.fullmatch(r"[\w./-]+/[\w.-]+|\w+\.(py|txt)", word)
    }
    assert len(named) > 20
    for word in sorted(named):
        assert (ROOT / word).exists() or (ROOT / "engine" / "coralrun" / word).exists(), word


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_every_link_to_a_file_of_the_project_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_citation_names_the_version_and_the_licence_of_the_project() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)
    assert cited["authors"] == [{"name": "The coralrun authors"}]
    assert cited["type"] == "software"
    assert cited["license"] == "MIT"
    assert cited["version"] == __version__


def test_the_changelog_has_an_entry_for_this_version() -> None:
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0] == __version__
    assert __version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_guide_to_exports_explains_every_format_and_no_other() -> None:
    explained = [
        words(row[0])[0] for row in table(ROOT / "docs" / "exports.md", "Exports: what to do with a run elsewhere")
    ]
    assert explained == [wanted.name for wanted in FORMATS]


def test_the_guide_to_reviews_names_every_program_whose_tables_are_known() -> None:
    guide = ROOT / "docs" / "review.md"
    assert {program.name for program in PROGRAMS} <= {row[0] for row in table(guide, "Files of other programs")}


def test_a_survey_may_ask_for_those_exports_that_need_nothing_else() -> None:
    schema = json.loads((ROOT / "schemas" / "survey.v1.json").read_text(encoding="utf-8"))
    formats = schema["properties"]["outputs"]["properties"]["formats"]["items"]["enum"]
    assert formats == ["csv", "parquet", *(wanted.name for wanted in FORMATS if wanted.output)]


def test_the_members_of_a_run_in_python_are_all_listed() -> None:
    listed = [words(row[0])[0].partition("(")[0] for row in table(ROOT / "docs" / "python.md", "A run")]
    assert sorted(listed) == sorted({"directory", *(name for name in dir(coralrun.Run) if name[0] != "_")})


def test_the_options_of_exports_are_those_of_the_documents_the_command_and_python() -> None:
    lines = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `--")]
    shown = {
        (f"`{option.flag}`", f"`{option.name}`", ", ".join(f"`{name}`" for name in option.formats), option.what)
        for option in OPTIONS.values()
    }
    assert set(map(tuple, rows)) == shown
    assert {option.flag for option in OPTIONS.values()} <= options_of("export")
    assert list(OPTIONS) == list(GivenOptions.__annotations__) == [field.name for field in fields(ExportOptions)]
    assert {name for option in OPTIONS.values() for name in option.formats} <= {wanted.name for wanted in FORMATS}
