"""`predictions.parquet`: the same rows as the CSV, with types, read from it and written as a stream.

Rule: the layout is the one that Arrow, pandas, DuckDB and Spark know as Hive's: a folder `source=NAME` for each source
with one file in it, and no column `source` in the files. NAME is percent-encoded: nothing from outside is a path.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coralrun.errors import UsageError
from coralrun.extras import install
from coralrun.limits import TOP_SCORES
from coralrun.values.ids import sha256_hex

_READ_BYTES = 2 * 1024 * 1024  # the reader keeps some forty blocks ahead
_ROWS_WRITTEN = 128 * 1024  # rows of a row group, which a reader skips or loads as one: some 10 MB as they are written
_LONGEST_NAME = 200  # file systems take 255 bytes
_PART = "part-0.parquet"


def require(what: str = "`formats: [parquet]`") -> None:
    """Raise UsageError when the extra that this needs is not installed; `what` is how a person asked for it."""
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError(
            f"{what} needs pyarrow, which is not installed",
            remedy=f"Install it with: {install('parquet')}",
        )


def write(predictions_csv: Path, texts: Sequence[str], target: Path) -> None:
    """Write the table of a CSV file as Parquet into a folder that is there and empty; `texts` are further columns."""
    import pyarrow.compute as pa_compute
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    parsing = pa_csv.ParseOptions(newlines_in_values=True)
    reading = pa_csv.ReadOptions(block_size=_READ_BYTES)
    with ExitStack() as opened:
        parts: dict[str, _Part] = {}
        batches = opened.enter_context(pa_csv.open_csv(predictions_csv, reading, parsing, _converting(texts)))
        for batch in batches:
            for source in pa_compute.unique(batch["source"]).to_pylist():
                rows = batch.filter(pa_compute.equal(batch["source"], source)).drop_columns(["source"])
                if source not in parts:
                    folder = target / folder_of(source)
                    folder.mkdir()
                    parts[source] = _Part(opened.enter_context(pa_parquet.ParquetWriter(folder / _PART, rows.schema)))
                parts[source].add(rows)
        for part in parts.values():
            part.flush()


class _Part:
    """A file of one source: batches of rows are gathered until they are worth a row group."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._batches: list[Any] = []

    def add(self, rows: Any) -> None:
        """Take rows, and write when there are enough."""
        self._batches.append(rows)
        if sum(batch.num_rows for batch in self._batches) >= _ROWS_WRITTEN:
            self.flush()

    def flush(self) -> None:
        """Write what is gathered."""
        import pyarrow as pa

        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches))
            self._batches.clear()


def folder_of(source: str) -> str:
    """The folder of a source's rows."""
    name = quote(source, safe="")
    name = name.rstrip(".") + "%2E" * (len(name) - len(name.rstrip(".")))  # Windows takes dots from a name's end
    return f"source={name if len(name) <= _LONGEST_NAME else sha256_hex(source.encode())}"


def _converting(texts: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    types: dict[str, pa.DataType] = {"source": pa.string(), "name": pa.string()}
    types |= dict.fromkeys(("point", "row", "column"), pa.int32())
    for rank in range(1, TOP_SCORES + 1):
        types |= {f"score_{rank}": pa.float64(), f"label_id_{rank}": pa.int64()}
        types |= {f"label_code_{rank}": pa.string(), f"label_name_{rank}": pa.string()}
    types |= dict.fromkeys(texts, pa.string())
    return pa_csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
