"""Draws what `service: local` begins with: photos of a reef, points on some of them that people labelled, and a survey.

    python examples/local/draw.py runs/local-demo

The reef is the one inside coralrun (`service: emulator`), of which the label of every pixel is known. A third of its
photos has labels, which train a classifier; the others are classified by it.
"""

import csv
import sys
from pathlib import Path

from coralrun.emulator.demo import DEMO_IMAGES, Settings
from coralrun.emulator.reef import LABELS, Reef

TRAINING_EVERY = 3
POINTS = 25
SURVEY = """version: 1
name: local-demo
service: local
classifier: {folder: model}
sources: [{folder: photos, filters: {not_trained_on: model}}]
sampling: {points: {method: stratified random, cell_rows: 5, cell_columns: 5, seed: 42}}
metadata: {from_names: "reef_{site}_{depth}m_{transect}_{quadrat}_{date:%Y%m%d}.jpg"}
design: {unit: transect, levels: [site, depth, transect, image]}
outputs: {directory: runs/local-demo-results}
"""


def main(folder: Path, photos: int = DEMO_IMAGES) -> None:
    """Write everything below a folder."""
    reef, codes = Reef(Settings().seed, photos), {label.id: label.code for label in LABELS}
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    with (folder / "annotations.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["Name", "Row", "Column", "Label"])
        for index, name in enumerate(reef.names):
            (folder / "photos" / name).write_bytes(reef.photo(index, index + 1, "").load())
            if index % TRAINING_EVERY == 0:
                labelled = reef.annotated(index, POINTS)
                for (row, column), label in zip(labelled.points, labelled.labels, strict=True):
                    table.writerow([name, row, column, codes[label]])
    (folder / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    sys.stdout.write(f"{photos} photos, labels of a third of them, and a survey are in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
