"""`python -m benchmarks [--groups TEXT] [--json FILE] [--markdown FILE] [--scale FILE] [--jobs N]`: the yardstick, or a
part.

Exit 1 when a goal is missed, or coralrun is slower than a rival by more than is allowed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from . import goals, inputs, scale
from .cases import LARGE, SEEDS, USUAL, all_groups, group
from .table import HEADS, HINDSIGHT, NOTEBOOK, Row, rows_of, to_json, to_markdown


def machine() -> str:
    """The machine in words."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = f"{names[0]}, {len(names)} cores" if names else cpu
    return f"{cpu}; {platform.system()}; Python {platform.python_version()}"


def report(rows: list[Row], missed: list[str], beaten: list[str], on_machine: str, taken_in: str = "") -> str:
    """RESULTS.md: every sentence about the figures follows from them."""
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    parts = [
        "# Results of the yardstick",
        "",
        "What CoralNet can do decides: a round of five jobs takes 240 s, so 175,000 photos take 23.3 hours at least.",
        "",
        *gains(rows),
        "",
        f"Goals missed: {'; '.join(missed) or 'none'}.",
        "",
        f"Of {len(goals.by_group(rows))} groups, coralrun is slower than the notebook, or by more than"
        f" {goals.CLOSE_TO_HINDSIGHT} of the bound",
        "than the listing loop whose interval was chosen afterwards, or was refused for its requests, in:",
        "",
        *([f"- {text}" for text in beaten] or ["- none"]),
        "",
        f"Machine: {machine()}. Date: {datetime.now(UTC):%Y-%m-%d}. Command: `{command}`.",
        "",
        "Times are virtual and requests are counted, so the table is the same on any machine. The package's docstrings",
        f"describe the models, the rivals and the bound. Every group has {SEEDS} seeds. Ratios are means over them,",
        "`worst` is that of the worst; `coralrun slower in` counts those in which the rival was faster, and then comes",
        "by how much of the bound's makespan at most.",
        "",
    ]
    if on_machine:
        parts += ["## On this machine", "", on_machine, ""]
    if taken_in:
        parts += ["## Taking images in", "", inputs.ABOUT, taken_in, ""]
    return "\n".join([*parts, "## In virtual time", "", to_markdown(rows), ""])


def gains(rows: list[Row]) -> list[str]:
    """What coralrun gains at the usual survey and at the largest one, and where it gains nothing."""
    found = goals.by_group(rows)
    lines: list[str] = []
    for images in (USUAL, LARGE):
        policies = found.get(group("production", images).name)
        if policies is None:
            continue
        ours, notebook, best = (policies[policy] for policy in ("coralrun", NOTEBOOK, HINDSIGHT))
        above = ", ".join(f"{row.ratio - 1:.1%}" for row in (ours, notebook, best))
        requests = ", ".join(f"{row.requests_a_job:.1f}" for row in (ours, notebook, best))
        lines += [
            f"- {images:,} images at CoralNet's own pace: coralrun, the notebook, the best listing loop take {above}",
            f"  longer than the bound, which nobody can beat, and send {requests} requests a job.",
        ]
        if images == LARGE and best.ratio <= ours.ratio + goals.CLOSE_TO_HINDSIGHT:
            lines += [
                f"- At {images:,} images that loop is as fast: there coralrun gains that no request is refused, and",
                "  nothing is lost or sent twice; not hours.",
            ]
    return lines


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
        for new in pool.map(rows_of, [one for one in all_groups() if options.groups in one.name]):
            rows += new
            print("\n".join(to_markdown(new).splitlines()[2:]), flush=True)
    missed, beaten = goals.missed(rows), goals.beaten(rows)
    if options.json:
        options.json.write_text(
            json.dumps({"rows": to_json(rows), "missed": missed, "beaten": beaten}, indent=1) + "\n"
        )
    if options.markdown:
        on_machine = scale.to_markdown(*scale.read(options.scale)) if options.scale else ""
        taken_in = inputs.to_markdown(inputs.read(options.inputs)) if options.inputs else ""
        options.markdown.write_text(report(rows, missed, beaten, on_machine, taken_in))
    for text in (*missed, *beaten):
        print(text, file=sys.stderr)
    return 1 if missed or beaten else 0


if __name__ == "__main__":
    sys.exit(main())
