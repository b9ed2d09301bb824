"""The results of a simulation study, as values and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from filial.bench.scores import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rules in one world.

    Attributes:
        world: Name of the world.
        title: What is the matter with it.
        n_candidates: Length of a stream.
        scores: Score of each rule, in the order of comparison.
    """

    world: str
    title: str
    n_candidates: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All results.

    Attributes:
        seed: Seed of the study.
        repeats: Streams of each rule in each world.
        policy: Digest of the gate under test with its default numbers.
        tables: The rules in every world.
        curve: Our own rule in the mixed world, by setting.
    """

    seed: int
    repeats: int
    policy: str
    tables: tuple[Table, ...]
    curve: Mapping[str, Score]

    def table(self, world: str) -> Table:
        """Returns the table of a world; KeyError if there is none of that name."""
        return {table.world: table for table in self.tables}[world]


def as_json(report: Report) -> str:
    """Returns the results as one line."""
    return json.dumps(asdict(report))


def from_json(text: str) -> Report:
    """Returns the results that ``as_json`` wrote.

    Raises:
        ValueError: It is not JSON.
        KeyError: Something is missing.
    """
    raw = json.loads(text)
    return Report(
        seed=raw["seed"],
        repeats=raw["repeats"],
        policy=raw["policy"],
        tables=tuple(
            Table(
                world=table["world"],
                title=table["title"],
                n_candidates=table["n_candidates"],
                scores=_scores(table["scores"]),
            )
            for table in raw["tables"]
        ),
        curve=_scores(raw["curve"]),
    )


def _scores(raw: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Score]:
    return {name: Score(**fields) for name, fields in raw.items()}
