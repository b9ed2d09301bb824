"""Which metric a study means: one of its exam's, or one that is metered from outside."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from filial.config import ExamTable, nearest
from filial.core import Metric
from filial.errors import ConfigError
from filial.examiner import ARTIFACT, CPU_TIME, PEAK_MEMORY

_METERED = {
    PEAK_MEMORY: Metric(PEAK_MEMORY, unit="MiB", direction="min"),
    ARTIFACT: Metric(ARTIFACT, unit="MiB", direction="min"),
    CPU_TIME: Metric(CPU_TIME, unit="s", direction="min"),
}
_METERED_WHERE: dict[str, set[str]] = {
    "exam.primary": {CPU_TIME},
    "exam.guards": set(_METERED),
    "exam.shift": set(),
}
"""What may be metered as what: only CPU time is a goal in itself."""


class Metrics:
    """The metrics of one study.

    Args:
        examined: What the exam measures.
        table: The study's ``[exam]``.
        path: The settings' file, for error messages.

    Attributes:
        primary: The metric to improve.

    Raises:
        ConfigError: A name is unknown, or means nothing where it stands.
    """

    def __init__(self, examined: Iterable[Metric], table: ExamTable, path: Path) -> None:
        self._examined = {metric.name: metric for metric in examined}
        self._table = table
        self._path = path
        self.primary = self._find(table.primary, "exam.primary")

    @property
    def guards(self) -> tuple[Metric, ...]:
        """Metrics that must not get worse: the guards and the shift panel."""
        table = self._table
        named = [("exam.guards", name) for name in table.guards]
        named += [("exam.shift", name) for name in table.shift]
        guards = tuple(self._find(name, where) for where, name in named)
        if unused := set(table.tolerances) - {guard.name for guard in guards}:
            raise ConfigError(
                f"{self._path}: exam.tolerances.{min(unused)}: that is no guard"
                f"{nearest(min(unused), (*table.guards, *table.shift))}"
            )
        return guards

    @property
    def judge_cpu_time(self) -> bool:
        """Whether metered CPU time is the goal or a guard."""
        return CPU_TIME in {self.primary.name, *(guard.name for guard in self.guards)}

    def _find(self, name: str, where: str) -> Metric:
        metered = {metered: _METERED[metered] for metered in _METERED_WHERE[where]}
        metric = self._examined.get(name) or metered.get(name)
        if metric is None and name in _METERED:
            raise ConfigError(
                f"{self._path}: {where}: {name} is metered and can only be a guard: "
                "name it in exam.guards"
            )
        if metric is None:
            known = (*self._examined, *metered)
            raise ConfigError(f"{self._path}: {where}: no metric {name!r}{nearest(name, known)}")
        tolerance = self._table.tolerances.get(name)
        return metric if tolerance is None else replace(metric, tolerance=tolerance)
