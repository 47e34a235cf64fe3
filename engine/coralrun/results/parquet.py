"""`predictions.parquet`: the same rows as the CSV, with types, read from it and written as a stream."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from coralrun.errors import UsageError
from coralrun.limits import TOP_SCORES

_READ_BYTES = 8 * 1024 * 1024


def require() -> None:
    """Raise UsageError when the extra that this needs is not installed."""
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError(
            "`formats: [parquet]` needs pyarrow, which is not installed",
            remedy='Install it with: pip install "coralrun[parquet]" (in a checkout: pip install ".[parquet]")',
        )


def write(predictions_csv: Path, target: Path) -> None:
    """Write the table of a CSV file as Parquet."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    types: dict[str, pa.DataType] = {"source": pa.string(), "name": pa.string()}
    types |= dict.fromkeys(("point", "row", "column"), pa.int32())
    for rank in range(1, TOP_SCORES + 1):
        types |= {f"score_{rank}": pa.float64(), f"label_id_{rank}": pa.int64()}
        types |= {f"label_code_{rank}": pa.string(), f"label_name_{rank}": pa.string()}
    options = pa_csv.ConvertOptions(column_types=types, null_values=[""], quoted_strings_can_be_null=False)
    parsing = pa_csv.ParseOptions(newlines_in_values=True)
    reading = pa_csv.ReadOptions(block_size=_READ_BYTES)
    with (
        pa_csv.open_csv(predictions_csv, reading, parsing, options) as batches,
        pa_parquet.ParquetWriter(target, batches.schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
