"""What a person reads: a study's history as a summary, tables, a live view and an HTML report."""

from filial.reports.check import Check, State, Terms
from filial.reports.html import write_report
from filial.reports.incidents import incidents
from filial.reports.live import LiveView, QuietView
from filial.reports.summary import Summary, as_json, summarise
from filial.reports.tables import lineage, log, show, status
from filial.reports.trust import Trust, assess

__all__ = [
    "Check",
    "LiveView",
    "QuietView",
    "State",
    "Summary",
    "Terms",
    "Trust",
    "as_json",
    "assess",
    "incidents",
    "lineage",
    "log",
    "show",
    "status",
    "summarise",
    "write_report",
]
