"""The verbs that mean something here; all others are accepted and ignored."""

from enum import StrEnum

EXTENSIONS = "https://w3id.org/xapi/video/extensions/"
VIDEO = "https://w3id.org/xapi/video/verbs/"
ADL = "http://adlnet.gov/expapi/verbs/"


class Verb(StrEnum):
    """By its identifier."""

    INITIALIZED = ADL + "initialized"
    PLAYED = VIDEO + "played"
    PAUSED = VIDEO + "paused"
    SEEKED = VIDEO + "seeked"
    INTERACTED = ADL + "interacted"
    COMPLETED = ADL + "completed"
    TERMINATED = ADL + "terminated"
    ANSWERED = ADL + "answered"
    PASSED = ADL + "passed"
    FAILED = ADL + "failed"
    VOIDED = ADL + "voided"

    @property
    def word(self) -> str:
        return self.rsplit("/", 1)[-1]


PLAYING = frozenset({Verb.INITIALIZED, Verb.PLAYED, Verb.PAUSED, Verb.SEEKED, Verb.INTERACTED,
                     Verb.COMPLETED, Verb.TERMINATED})
QUIZ = frozenset({Verb.ANSWERED, Verb.PASSED, Verb.FAILED})

# The profile calls these exact matches of its own.
ALSO = {
    "http://activitystrea.ms/schema/1.0/play": Verb.PLAYED,
    "http://id.tincanapi.com/verb/paused": Verb.PAUSED,
}
KNOWN: dict[str, Verb] = {str(verb): verb for verb in Verb} | ALSO


def verb_of(iri: str) -> Verb | None:
    """The verb, or None where it is not known."""
    return KNOWN.get(iri)
