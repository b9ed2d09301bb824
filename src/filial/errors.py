"""Every exception Filial raises on purpose.

::

    FilialError                  base: catch this to catch them all
    ├── StudyError               the study's own files are wrong; the user must change them
    │   ├── ConfigError          study.toml cannot be used as written
    │   ├── ExamError            the exam raised, hung, or returned no measurement
    │   ├── AuditError           the exam can be gamed, or does not measure
    │   └── CodeError            the initial code cannot serve as a first incumbent
    ├── Invalid                  raised by an exam's ``score``: this answer breaks the rules
    ├── LedgerError              the record cannot be trusted or continued
    │   ├── TamperedLedger       an event, the chain or a blob does not match its digest
    │   └── ReplayMismatch       the recorded history is not the one this study would write
    ├── BusyError                another run holds this study
    ├── SandboxError             no sandbox of the required level, or it could not start
    ├── HostError                disk full, dead worker: the machine's trouble, not the candidate's
    ├── IncidentOpen             something must be looked into before anything is promoted
    └── Stopped                  somebody asked the run to stop

A candidate's trouble is never an exception: it is a ``filial.core.Failure`` value.
"""


class FilialError(Exception):
    """Base of all. ``str(error)`` is one line that says what is wrong and what to do."""


class StudyError(FilialError):
    """The study's own files are wrong."""


class ConfigError(StudyError):
    """``study.toml`` cannot be used as written."""


class ExamError(StudyError):
    """The exam itself failed; no candidate is to blame."""


class AuditError(StudyError):
    """The exam fails its audit: it can be gamed, or does not measure."""


class CodeError(StudyError):
    """The initial code cannot serve as a first incumbent."""


class Invalid(FilialError):
    """Raise this in ``Exam.score`` when an answer breaks the rules; the text is the reason."""


class LedgerError(FilialError):
    """The record cannot be trusted or continued."""


class TamperedLedger(LedgerError):
    """An event, the chain or a blob does not match its digest."""


class ReplayMismatch(LedgerError):
    """The recorded history is not the one this study would write."""


class BusyError(FilialError):
    """Another run holds this study."""


class SandboxError(FilialError):
    """No sandbox of the required level is available, or it could not start."""


class HostError(FilialError):
    """The machine's trouble: a full disk, a dead worker, a missing tool."""


class IncidentOpen(FilialError):
    """An incident is on record that no person has closed; nothing is promoted until then."""


class Stopped(FilialError):
    """Somebody asked the run to stop; everything finished so far is recorded."""
