"""What instruments look at, from a made-up study."""

from filial.core import History
from filial.reports import Terms, readings
from filial.reports.check import Subject
from filial.reports.trust import subject_of
from filial.testing.histories import EXAMPLE_PRIMARY, example_history


def a_history() -> History:
    return example_history(120, 3)


def a_subject(history: History) -> Subject:
    assert readings.steps(history, EXAMPLE_PRIMARY)
    return subject_of(history, EXAMPLE_PRIMARY, Terms())
