"""Incidents, for people: what happened, who is to blame, what is void because of it."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from filial.core import History, Incident
from filial.reports.words import one_line, short


def incidents(history: History) -> RenderableType:
    """Returns one line an incident, and what is void."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("#", "state", "culprit", "trial", "what happened"):
        table.add_column(name, overflow="fold")
    for incident in history.incidents:
        table.add_row(
            str(incident.number),
            _state(incident, history),
            _culprit(incident, history),
            Text(incident.label or "-"),
            Text(one_line(incident.detail, 200)),
        )
    return Group(table, Text(), Text(_void(history), style="dim"))


def incidents_line(history: History) -> Text:
    """Returns how many incidents there are and how many are open."""
    n_open = len(history.open_incidents)
    if n_open:
        return Text(f"{n_open} open: nothing is promoted; see filial incidents", style="bold red")
    return Text(f"{len(history.incidents)} closed" if history.incidents else "none")


def _state(incident: Incident, history: History) -> Text:
    closed = history.closed.get(incident.number)
    if closed is None:
        return Text("open", style="bold red")
    return Text(f"closed by {one_line(closed.by, 30)}: {one_line(closed.note, 120)}")


def _culprit(incident: Incident, history: History) -> Text:
    standing = history.standings[incident.candidate]
    name = short(incident.candidate)
    if standing.generation is not None:
        name = f"F{standing.generation} {name}"
    return Text(f"{name} by {one_line(standing.candidate.proposer, 18)}")


def _void(history: History) -> str:
    lost = [f"F{g.number}" for g in history.generations if g.candidate in history.voided]
    generations = f", among them {', '.join(lost)}" if lost else ""
    return (
        f"{len(history.voided)} candidates are void{generations}; "
        f"the incumbent is F{history.incumbent.number}"
    )
