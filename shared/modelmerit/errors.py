"""Every failure a person or an agent can do something about.

    ModelmeritError
    ├── SettingsError                a setting or environment variable has a value we cannot use
    ├── PolicyError                  models.json
    │   ├── PolicyFileError          missing, unreadable, not JSON, or of the wrong shape
    │   ├── RuleSyntaxError          one rule cannot be parsed; the others still work
    │   ├── UnknownModel             a name that is no id, no alias, and fits no single family
    │   ├── ChangeDoesNotApply       the edit's target is gone or is no longer what it was
    │   └── PolicyConflict           somebody saved the file while we were writing it
    ├── EvidenceError                the store and the dispatch log
    │   ├── StoreError               the database cannot be opened, read or written
    │   ├── UnknownTask              no attempt has this id
    │   ├── InvalidReport            an outcome report that contradicts itself
    │   └── DispatchLogError         a history file that cannot be read at all
    ├── SuggestionError              suggestions and changes
    │   ├── UnknownSuggestion
    │   └── UnknownChange
    └── InvalidCounts                a statistical function was given impossible numbers

A message says what was wrong with the value, what was expected, and the next step. Anything that is not a
`ModelmeritError` is a bug and stays a traceback in the log.
"""


class ModelmeritError(Exception):
    """An anticipated failure whose message a person or an agent can act on."""


class SettingsError(ModelmeritError):
    """A setting or environment variable has a value that cannot be used."""


class PolicyError(ModelmeritError):
    """Something is wrong with models.json or a change to it."""


class PolicyFileError(PolicyError):
    """models.json is missing, unreadable, not JSON, or of the wrong shape."""


class RuleSyntaxError(PolicyError):
    """A rule's `if` cannot be parsed; `column` is 1-based in the text of the condition."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class UnknownModel(PolicyError):
    """A name is no model id, no alias, and no family word that fits exactly one model of the file."""


class ChangeDoesNotApply(PolicyError):
    """The place an edit is about is gone, or no longer holds what the edit expects there."""


class PolicyConflict(PolicyError):
    """Somebody else saved models.json while we were writing it; their version stands."""


class EvidenceError(ModelmeritError):
    """Something is wrong with the store or with a dispatch log."""


class StoreError(EvidenceError):
    """The database cannot be opened, read or written."""


class UnknownTask(EvidenceError):
    """No attempt in the store has this id."""


class InvalidReport(EvidenceError):
    """An outcome report contradicts itself or holds an impossible value."""


class DispatchLogError(EvidenceError):
    """A dispatch history cannot be read at all; broken records alone do not raise this."""


class SuggestionError(ModelmeritError):
    """A suggestion or a change cannot be found or decided."""


class UnknownSuggestion(SuggestionError):
    """No suggestion has this id."""


class UnknownChange(SuggestionError):
    """No change in the log has this id."""


class InvalidCounts(ModelmeritError):
    """A statistical function was given counts that cannot be, such as more successes than trials."""
