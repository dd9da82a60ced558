"""What a sender may state. A batch with one statement that is not allowed is refused as a whole."""

from pipeline.collector.faults import Place, RefusedError, refused
from pipeline.collector.tokens import Play
from pipeline.collector.xapi import shapes
from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.iris import Activity, activity_of, is_of
from pipeline.collector.xapi.shapes import Statement
from pipeline.collector.xapi.verbs import QUIZ, Verb, verb_of

STRETCHES = frozenset({Verb.PLAYED, Verb.PAUSED, Verb.SEEKED})


def object_of(prefix: str, said: Statement) -> Activity | None:
    """The activity of this platform that the statement is about, if it is about one."""
    about = said.object
    return activity_of(prefix, about.id) if isinstance(about, shapes.Activity) else None


def account_of(said: Statement) -> str | None:
    """The actor's account, which is the teacher's id (rule 24); None where there is none."""
    actor = said.actor
    return actor.account.name if isinstance(actor, shapes.Agent) and actor.account else None


def require_allowed(play: Play | None, prefix: str, said: Statement, place: Place) -> None:
    """`play` None: the platform itself. `place`: the statement's, for the answer.

    Raises:
        RefusedError: 403, for another teacher or resource, or not for this sender.
    """
    verb = verb_of(said.verb.id)
    if verb is Verb.VOIDED:
        raise refused(XapiFault.VOIDING, (*place, "verb", "id"),
                      "nothing is voided here: what people decide goes by `xueshi adjust`")
    if play is None:
        _require_of_platform(verb, object_of(prefix, said), said, place)
    else:
        _require_of_play(play, prefix, said, place)


def _require_of_play(play: Play, prefix: str, said: Statement, place: Place) -> None:
    if isinstance(said.actor, shapes.Group) or account_of(said) not in (None, play.teacher_id):
        raise refused(XapiFault.OTHER_ACTOR, (*place, "actor"),
                      "the token is another teacher's: `account.name` must be the teacher's id")
    if not is_of(play, object_of(prefix, said)):
        raise refused(XapiFault.OTHER_ACTIVITY, (*place, "object", "id"),
                      f"the token is for {prefix}{play.resource_id}")


def _require_of_platform(
    verb: Verb | None, about: Activity | None, said: Statement, place: Place
) -> None:
    if about is None:
        return
    if verb in STRETCHES:
        raise refused(XapiFault.PLAY_NEEDED, place,
                      "playing is told with a play's token (rule 18), not with the platform's key")
    if verb in QUIZ and about.quiz and not _is_id(account_of(said)):
        raise _nobody(place)


def _is_id(name: str | None) -> bool:
    return name is not None and shapes.TEACHER.fullmatch(name) is not None


def _nobody(place: Place) -> RefusedError:
    return refused(XapiFault.OTHER_ACTOR, (*place, "actor"),
                   "whose answers these are is not said: `account.name` must be the teacher's id")
