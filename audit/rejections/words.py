"""What each reason means, and why some cannot be mended by a replay."""

from collections.abc import Mapping

from pipeline.schemas.rejections import Reason

MEANING: Mapping[Reason, str] = {
    Reason.MALFORMED: "not JSON, a wrong type, a column too long or too short",
    Reason.UNKNOWN_VERSION: "`v` is a version that the build could not read",
    Reason.TOMBSTONE: "a record without a value",
    Reason.WRONG_PARTITION: "the teacher does not live on this partition",
    Reason.UNKNOWN_RESOURCE: "no programme file listed the resource",
    Reason.UNKNOWN_PROGRAMME: "there was no such programme file",
    Reason.UNKNOWN_COURSE: "the programme had no such course",
    Reason.UNKNOWN_QUIZ: "the resource had no such quiz",
    Reason.TOO_MANY_ATTEMPTS: "a quiz was handed in too often within 24 hours (rule 10)",
    Reason.BAD_STRETCH: "reversed, empty, or beyond the end of the video",
    Reason.TOO_SCATTERED: "one loose piece too many: of a video, of numbers or plays, of time",
    Reason.NO_TIME_LEFT: "the teacher's wall clock was spent (rule 16)",
    Reason.TOO_OLD: "older than what is remembered for telling repeats",
}

COLLECTORS = ("the collector refused it before it was a record, and told the player, which dropped "
              "it: mend the cause, restart the collector; the teacher plays that stretch again, "
              "or hands the quiz in again")
OF_THE_RULES = "the rules decided so, and would again: `xueshi explain TEACHER RESOURCE` says why"
EMPTY = "there is nothing in it to put back: whoever writes the topic sends it again"
NO_REJECTION = "it is garbage on the topic `rejections` itself: find out who writes there"
NO_READER = "no process decides on this topic's records"
STILL = ("this build with the programme files of XUESHI_PROGRAMMES_DIR refuses it again: mend "
         "what is wrong first")
AGAIN = "it was put back before: --again does it once more"
