"""`python -m benchmarks [--groups TEXT] [--json FILE] [--markdown FILE] [--scale FILE] [--jobs N]`: the yardstick, or a
part.

Exit 1 when a goal is missed, or coralrun is slower than the fixed-patience loop anywhere.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from . import goals, inputs, scale
from .cases import SEEDS, all_groups, surer
from .table import HEADS, Row, rows_of, to_json, to_markdown


def machine() -> str:
    """The machine in words."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = f"{names[0]}, {len(names)} cores" if names else cpu
    return f"{cpu}; {platform.system()}; Python {platform.python_version()}"


def report(rows: list[Row], missed: list[str], slower: list[str], on_machine: str, taken_in: str = "") -> str:
    """RESULTS.md: every sentence about the figures follows from them."""
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    parts = [
        "# Results of the yardstick",
        "",
        f"Machine: {machine()}. Date: {datetime.now(UTC):%Y-%m-%d}. Command: `{command}`.",
        "",
        "Times are virtual and requests are counted, so the table is the same on any machine. The package's docstrings",
        "describe the models, the rivals and the bound. Ratios are means over the seeds, `worst` is the worst seed.",
        "There are 16 seeds; of 60 jobs with pages 4; a quarter of that where slots are other than 5; 1 of 1,750 jobs,",
        "of which few have pages. Where fewer than 16 would have the fixed loop ahead, all of them were taken.",
        "",
        f"Goals missed: {'; '.join(missed) or 'none'}.",
        "",
        f"Slower than the fixed loop, or beyond a limit, of {len({row.group for row in rows})} groups:",
        "",
        *([f"- {text}" for text in slower] or ["- none"]),
        "",
    ]
    growth = goals.of_growth(rows)
    if growth:
        parts += [
            "671 images whose time grows with size, against the bound of seven jobs of 100 in their order:",
            "",
            *(f"- {text}" for text in growth),
            "",
            "The goal is for five slots of one's own and images that need no page: their first wave shows it, and the",
            "rest is shared out. With pages at 4 a second, or fewer slots, the last batches leave before enough jobs",
            "have ended to tell of it.",
            "",
        ]
    if on_machine:
        parts += ["## On this machine", "", on_machine, ""]
    if taken_in:
        parts += ["## Taking images in", "", inputs.ABOUT, taken_in, ""]
    return "\n".join([*parts, "## In virtual time", "", to_markdown(rows), ""])


def measured_again(rows: list[Row], pool: Executor) -> list[Row]:
    """The rows, those of the groups anew in which the fixed loop was faster by few seeds."""
    doubtful = {text.partition(":")[0] for text in goals.slower_than_fixed(rows)}
    groups = [group for group in all_groups() if group.name in doubtful and group.cases[0].jobs <= 60]
    few = [surer(group) for group in groups if len(group.cases) < SEEDS]
    anew = {group.name: iter(new) for group, new in zip(few, pool.map(rows_of, few), strict=True)}
    return [next(anew[row.group]) if row.group in anew else row for row in rows]


def main() -> int:
    """Run; print each group as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--groups", default="", help="only the groups whose name contains this")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--markdown", type=Path, help="write the report here")
    parser.add_argument("--scale", type=Path, help="what `python -m benchmarks.scale --json` measured on this machine")
    parser.add_argument(
        "--inputs", type=Path, help="what `python -m benchmarks.inputs --json` measured on this machine"
    )
    parser.add_argument("--jobs", type=int, default=1, help="so many processes at once; the figures are the same")
    options = parser.parse_args()
    print(f"| {' | '.join(HEADS)} |")
    rows: list[Row] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for new in pool.map(rows_of, [group for group in all_groups() if options.groups in group.name]):
            rows += new
            print("\n".join(to_markdown(new).splitlines()[2:]), flush=True)
        rows = measured_again(rows, pool)
    missed, slower = goals.missed(), goals.slower_than_fixed(rows)
    if options.json:
        options.json.write_text(
            json.dumps({"rows": to_json(rows), "missed": missed, "slower": slower}, indent=1) + "\n"
        )
    if options.markdown:
        on_machine = scale.to_markdown(*scale.read(options.scale)) if options.scale else ""
        taken_in = inputs.to_markdown(inputs.read(options.inputs)) if options.inputs else ""
        options.markdown.write_text(report(rows, missed, slower, on_machine, taken_in))
    for text in (*missed, *slower):
        print(text, file=sys.stderr)
    return 1 if missed or slower else 0


if __name__ == "__main__":
    sys.exit(main())
