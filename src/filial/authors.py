"""Proposers that a language model writes for, made as a study's settings ask for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filial.core import Spend
from filial.errors import ConfigError
from filial.models import LanguageModel
from filial.proposers import Model, Proposer
from filial.proposers.model import Render
from filial.proposers.prompting import rich, small
from filial.study import Study
from filial.workspace import patch_from_diff, syntax

SLOW = frozenset({"local", "api"})
"""Names of proposers that may take seconds, and write ahead of their turn."""

_LOCAL = "smollm2-135m-instruct"
_SMALL = (_LOCAL,)  # models that only continue code
_SAMPLES = {"local": 8, "api": 1}
_CALLS = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What models are reached through.

    Attributes:
        environment: Holds the keys of providers, by the names of their variables.
        cache: Folder with what can be fetched again, such as local models.
        offline: Whether nobody may be called, so that only recorded answers count.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    cache: Path = Path("~/.cache/filial")
    offline: bool = False


@contextmanager
def hired(
    study: Study, access: Access, spent: Callable[[], Spend]
) -> Iterator[Mapping[str, Proposer]]:
    """Yields the proposers of a study that ask a model, by name; their models close at the end.

    Args:
        study: The study.
        access: What models are reached through.
        spent: Returns what the study has spent so far by its record.

    Raises:
        ConfigError: A model is unknown or not here, or a key is missing.
    """
    with ExitStack() as stack:
        made: dict[str, Proposer] = {}
        for name, table in study.settings.proposers.items():
            if name not in SLOW:
                continue
            model = _local(study, access) if name == "local" else _api(study, access, spent)
            stack.callback(model.close)
            is_small = name == "local" and (table.model or _LOCAL) in _SMALL
            render: Render = small if is_small else rich
            made[name] = _author(name, model, render, table.samples or _SAMPLES[name])
        yield made


def _author(name: str, model: LanguageModel, render: Render, n_answers: int) -> Proposer:
    return Model(
        name=name,
        generate=model.generate,
        render=render,
        apply_diff=patch_from_diff,
        check=syntax,
        n_answers=n_answers,
    )


def _local(study: Study, access: Access) -> LanguageModel:
    from filial.models.recorded import Recorded  # noqa: PLC0415 - loads when asked
    from filial.models.shelf import Shelf  # noqa: PLC0415

    name = study.settings.proposers["local"].model or _LOCAL
    model = Shelf(access.cache, access.environment).open(name)
    pinned = f"{name} {model.sha256}"  # other weights have other answers
    return Recorded(pinned, study.paths.folder / _CALLS, model)


def _api(study: Study, access: Access, spent: Callable[[], Spend]) -> LanguageModel:
    from filial.models.capped import Allowance, Capped  # noqa: PLC0415 - loads when asked
    from filial.models.endpoints import endpoint  # noqa: PLC0415
    from filial.models.provider import Provider  # noqa: PLC0415
    from filial.models.recorded import Recorded  # noqa: PLC0415

    table = study.settings.proposers["api"]
    name, folder = table.model or "", study.paths.folder / _CALLS
    where = endpoint(name, table.base_url)
    if access.offline:
        return Recorded(name, folder)
    key = access.environment.get(where.key_variable)
    provider = Provider(name, base_url=table.base_url, key=key)
    budget = study.settings.budget.ceilings()
    if budget.usd is not None and not provider.is_priced:
        raise ConfigError(
            f"budget.usd: nobody knows the price of {name}, so it cannot be held; set "
            "budget.tokens instead"
        )
    capped = Capped(provider, Allowance(budget, spent), provider.worst)
    return Recorded(name, folder, capped)
