"""What is refused here beside what all of the collector refuses, each with the specification's
status. `docs/how-to/xapi.md` has the table; a test compares the two.
"""

from pipeline.collector.answers import RETRY_AFTER_S
from pipeline.collector.faults import Fault, Named, RefusedError, refused


class XapiFault(Named):
    """Refused as a whole: nothing of a batch is taken if one statement is refused."""

    VERSION_MISSING = ("version_missing", 400)
    VERSION_UNSUPPORTED = ("version_unsupported", 400)
    PARAMETER_UNKNOWN = ("parameter_unknown", 400)
    PARAMETER_WRONG = ("parameter_wrong", 400)
    CONTENT_TYPE = ("content_type", 400)
    NOT_JSON = ("not_json", 400)
    MALFORMED = ("malformed", 400)
    SAME_ID_TWICE = ("same_id_twice", 400)
    OTHER_ID = ("other_id", 400)
    OTHER_ACTOR = ("other_actor", 403)
    OTHER_ACTIVITY = ("other_activity", 403)
    PLAY_NEEDED = ("play_needed", 403)
    VOIDING = ("voiding", 403)
    NOTHING_STORED = ("nothing_stored", 404)
    CONFLICT = ("conflict", 409)
    TOO_MANY_STATEMENTS = ("too_many_statements", 413)
    TOO_MANY_STRETCHES = ("too_many_stretches", 413)


def later(fault: Fault) -> RefusedError:
    """503: what was sent may be sent again as it is."""
    return refused(fault, ("server",), "Kafka has not taken it: send the same again",
                   {"Retry-After": str(RETRY_AFTER_S)})
