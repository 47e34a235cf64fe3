"""`python -m benchmarks [--groups TEXT] [--json FILE] [--markdown FILE] [--scale]`: the whole yardstick, or a part.

Exit 1 when a goal is missed or coralrun is slower than the fixed-patience loop anywhere.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from . import goals, inputs, scale
from .cases import all_groups
from .table import HEADS, Row, rows_of, to_json, to_markdown


def machine() -> str:
    """The machine in words."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = f"{names[0]}, {len(names)} cores" if names else cpu
    return f"{cpu}; {platform.system()}; Python {platform.python_version()}"


def report(
    rows: list[Row], missed: list[str], slower: list[str], measured: list[scale.Figure], taken_in: list[inputs.Cost]
) -> str:
    """RESULTS.md."""
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    parts = [
        "# Results of the yardstick",
        "",
        f"Machine: {machine()}. Date: {datetime.now(UTC):%Y-%m-%d}. Command: `{command}`.",
        "",
        "Times are virtual and requests are counted, so the table is the same on any machine. The package's docstrings",
        "describe the models, the rivals and the bound. Ratios are means over the seeds, `worst` is the worst seed.",
        "",
        f"Goals missed: {'; '.join(missed) or 'none'}.",
        f"Slower than the fixed loop, or beyond a limit: {'; '.join(slower) or 'nowhere'}.",
        "",
    ]
    if measured:
        parts += ["## On this machine", "", scale.to_markdown(measured), ""]
    if taken_in:
        parts += ["## Taking images in", "", inputs.to_markdown(taken_in), ""]
    return "\n".join([*parts, "## In virtual time", "", to_markdown(rows), ""])


def main() -> int:
    """Run; print each group as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--groups", default="", help="only the groups whose name contains this")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--markdown", type=Path, help="write the report here")
    parser.add_argument("--scale", action="store_true", help="also measure time and memory on this machine")
    options = parser.parse_args()
    measured = scale.measure() if options.scale else []
    taken_in = inputs.measure() if options.scale else []
    print(f"| {' | '.join(HEADS)} |")
    rows: list[Row] = []
    for group in all_groups():
        if options.groups in group.name:
            new = rows_of(group)
            rows += new
            print("\n".join(to_markdown(new).splitlines()[2:]), flush=True)
    missed, slower = goals.missed(), goals.slower_than_fixed(rows)
    if options.json:
        options.json.write_text(
            json.dumps({"rows": to_json(rows), "missed": missed, "slower": slower}, indent=1) + "\n"
        )
    if options.markdown:
        options.markdown.write_text(report(rows, missed, slower, measured, taken_in))
    for text in (*missed, *slower):
        print(text, file=sys.stderr)
    return 1 if missed or slower else 0


if __name__ == "__main__":
    sys.exit(main())
