"""Which seeds a trial runs on: what makes evidence fresh, and pairs comparable."""

from dataclasses import dataclass, replace

from filial.core import Judged, Seeds, Split, TrialSpec


@dataclass(frozen=True, slots=True)
class Schedule:
    """Writes trial specs.

    Both arms of a pair get the same seeds. Confirm seeds are named after the challenger's tree, so
    they do not exist before it is frozen. A recipe proves itself on fresh builds; an artifact or a
    construction has one build, whatever the exam.

    Attributes:
        seeds: Source of all seeds.
        judged: What verdicts are about.
    """

    seeds: Seeds
    judged: Judged

    def dev(self, candidate: str, k: int, fraction: float = 1.0) -> TrialSpec:
        """Returns dev trial ``k``: the same seeds for every candidate, and every fraction.

        Args:
            candidate: Tree digest.
            k: Number of the dev seeds.
            fraction: Share of the build's CPU budget, in (0, 1]; the label names one below 1.
        """
        spec = self._spec(candidate, Split.DEV, ("dev", k), f"dev/{k}")
        if fraction == 1:
            return spec
        return replace(spec, fraction=fraction, label=f"{spec.label}@{fraction:g}")

    def lot(self, candidate: str) -> float:
        """Returns the candidate's lot, evenly spread over [0, 1]: fixed, and secret."""
        return self.seeds.of("spare", candidate) / (1 << 63)

    def confirm(self, candidate: str, challenger: str, k: int) -> TrialSpec:
        """Returns pair ``k`` of a confirmation, for either arm."""
        label = f"confirm/{challenger[:12]}/{k}"
        return self._spec(candidate, Split.CONFIRM, (f"confirm/{challenger}", k), label)

    def replicate(self, challenger: str, k: int) -> TrialSpec:
        """Returns trial ``k`` of a challenger that was confirmed, built from source once more."""
        label = f"replicate/{challenger[:12]}/{k}"
        pair = (f"replicate/{challenger}", k)
        return replace(self._spec(challenger, Split.CONFIRM, pair, label), afresh=True)

    def sealed(self, candidate: str, first_look: int, k: int) -> TrialSpec:
        """Returns pair ``k`` of the audit that began at sealed look ``first_look``."""
        family = f"sealed/{first_look}"
        return self._spec(candidate, Split.SEALED, (family, k), f"{family}/{k}")

    def _spec(self, candidate: str, split: Split, pair: tuple[str, int], label: str) -> TrialSpec:
        fresh = pair if self.judged is Judged.RECIPE else (candidate,)
        return TrialSpec(
            candidate=candidate,
            split=split,
            build_seed=self.seeds.of("build", *fresh),
            exam_seed=self.seeds.of("exam", *pair),
            label=label,
        )
