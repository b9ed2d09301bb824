"""Accuracy on rows whose labels no build has seen."""

import itertools
import json

import numpy as np

import filial

CLASSES = 3
SPOTS = 4  # corners of a cube that each class is found at
SPREAD = 0.6
ROWS = {"dev": 400, "confirm": 400, "sealed": 400}
ASKED = 60


class Flowers(filial.Exam):
    """Asks for the class, 0 to 2, of one row of four measurements at a time."""

    metrics = (filial.Metric("accuracy", unit="share", smallest_effect=0.02),)

    @classmethod
    def prepare(cls, public, private):
        rng = np.random.default_rng()
        corners = np.array(list(itertools.product((-1.5, 1.5), repeat=4)))
        spots = rng.permutation(corners)[: CLASSES * SPOTS]
        _write(public / "train.csv", spots, 300, rng)
        for split, n in ROWS.items():
            _write(private / f"{split}.csv", spots, n, rng)
        # The best there is, to compare with: what an attack might want to hand in.
        best = [[*spot, k % CLASSES] for k, spot in enumerate(spots.tolist())]
        (private / "reference.json").write_text(json.dumps(best))

    def items(self, split, rng):
        rows = np.loadtxt(self.private / f"{split}.csv", delimiter=",")
        for row in rows[rng.permutation(len(rows))[:ASKED]].tolist():
            yield filial.Item({"row": row[:-1]}, key=int(row[-1]))

    def score(self, item, answer):
        if type(answer) is not int or not 0 <= answer < CLASSES:
            raise filial.Invalid(f"the answer is {answer!r:.40}, not a class from 0 to 2")
        return float(answer == item.key)


def _write(path, spots, n, rng):
    spot = np.concatenate([rng.permutation(len(spots)) for _ in range(0, n, len(spots))])[:n]
    rows = spots[spot] + rng.normal(scale=SPREAD, size=(n, 4))
    lines = [",".join(f"{x:.3f}" for x in row) for row in rows]
    path.write_text("".join(f"{t},{k % CLASSES}\n" for t, k in zip(lines, spot, strict=True)))
