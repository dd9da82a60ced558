"""Every operation of the collector, as `/openapi.json` and the protocol's reference tell of it.

Requests are parsed by hand, so they are described by hand too; tests compare with what the
collector does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from pipeline.collector.arrival import HEADER
from pipeline.collector.faults import Fault, Named
from pipeline.collector.messages import Accepted, OpenedPlay, OpenPlay, Post, Refused
from pipeline.collector.xapi import versions
from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.shapes import Statement
from pipeline.collector.xapi.statements import EVENTS_HEADER
from pipeline.said import ResourceDetail

PLATFORM_KEY = "platformKey"
PLAY_TOKEN = "playToken"
PLAY_PASSWORD = "playPassword"
SCHEMES = {
    PLATFORM_KEY: {"type": "http", "scheme": "bearer",
                   "description": "`XUESHI_PLATFORM_KEY`, of the platform's servers alone"},
    PLAY_TOKEN: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                 "description": "`token` of an opened play, until its `expires_at`"},
    PLAY_PASSWORD: {"type": "http", "scheme": "basic",
                    "description": "the token, or the key, as the password of any user"},
}
TIME = (Fault.SIMULATED_TIME_REFUSED, Fault.SIMULATED_TIME_MALFORMED)
BODY = (Fault.CUT_OFF, Fault.TOO_SLOW, Fault.BODY_TOO_LARGE, Fault.COMPRESSED)
TOKEN = (Fault.TOKEN_MISSING, Fault.TOKEN_INVALID, Fault.TOKEN_EXPIRED)
LIMITS = (Fault.TOO_FAST, Fault.TEACHER_TOO_FAST, Fault.TOO_MUCH, Fault.TOO_MUCH_REFUSED)
KAFKA = (Fault.KAFKA_AWAY, Fault.KAFKA_SLOW, Fault.QUEUE_FULL)
VERSION = (XapiFault.VERSION_MISSING, XapiFault.VERSION_UNSUPPORTED)
STATEMENTS = (
    *VERSION, *TIME, *BODY, *TOKEN, *LIMITS, *KAFKA, Fault.NO_ROOM,
    XapiFault.PARAMETER_UNKNOWN, XapiFault.CONTENT_TYPE, XapiFault.NOT_JSON, XapiFault.MALFORMED,
    XapiFault.OTHER_ACTOR, XapiFault.OTHER_ACTIVITY, XapiFault.PLAY_NEEDED, XapiFault.VOIDING,
    XapiFault.CONFLICT, XapiFault.TOO_MANY_STRETCHES)
Refusal = tuple[int, str]
ANOTHERS_QUIZ: Refusal = (403, "quiz_of_another_resource")
UUID = "8f87ccde-bb56-4c2e-ab83-44982ef22df0"


def parameter(name: str, place: str, description: str, **rest: Any) -> dict[str, Any]:
    schema = {"type": "string"} | rest.pop("schema", {})
    return {"name": name, "in": place, "required": rest.pop("required", False),
            "description": description, "schema": schema, **rest}


SIMULATED_TIME = parameter(
    HEADER, "header", "Receive time in epoch milliseconds; refused outside a simulation.",
    schema={"type": "integer", "format": "int64"})
XAPI_VERSION = parameter(
    versions.HEADER, "header", "1.0, 1.0.x, 2.0 or 2.0.x; the answer says 1.0.3 or 2.0.0.",
    required=True, example=versions.LATEST)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `success`: status, shape of the answer (a model, a JSON schema, or
    None for no body) and its meaning. `security`: any one of these; () is none at all.
    """

    path: str
    method: str
    summary: str
    about: str
    success: tuple[int, type[BaseModel] | dict[str, Any] | None, str] | None
    security: tuple[str, ...] = ()
    faults: tuple[Named, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    parameters: tuple[dict[str, Any], ...] = ()
    body: type[BaseModel] | None = None
    listed: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    example: Any = None
    refusal: type[BaseModel] | dict[str, Any] = Refused

    @property
    def refused(self) -> list[Refusal]:
        """Every way to be refused, by status."""
        own = self.faults if self.success is None else (*self.faults, Fault.INTERNAL)
        return sorted({*((fault.status, fault.type) for fault in own), *self.refusals})


def _statements(method: str, **rest: Any) -> Operation:
    return Operation(
        "/xapi/statements", method, security=(PLAY_TOKEN, PLATFORM_KEY, PLAY_PASSWORD),
        headers={EVENTS_HEADER: "how many events the statements came to"}, body=Statement, **rest)


def _document(path: str, about: str, parameters: Iterable[dict[str, Any]],
              faults: tuple[Named, ...] = ()) -> Operation:
    return Operation(
        path, "get", "A document of a cmi5 player", about,
        (200, {}, "the document, or without its id the list of those there are"),
        (PLAY_TOKEN, PLATFORM_KEY, PLAY_PASSWORD),
        (*VERSION, *TIME, *TOKEN, XapiFault.NOTHING_STORED, *faults),
        parameters=(XAPI_VERSION, *parameters, SIMULATED_TIME))


PAUSED: dict[str, Any] = {
    "id": UUID,
    "actor": {"account": {"homePage": "https://learn.example.cn", "name": "t000001"}},
    "verb": {"id": "https://w3id.org/xapi/video/verbs/paused"},
    "object": {"id": "urn:xueshi:resource:teaching-02"},
    "result": {"extensions": {
        "https://w3id.org/xapi/video/extensions/time": 15.0,
        "https://w3id.org/xapi/video/extensions/played-segments": "0[.]15"}},
}

OPERATIONS = (
    Operation(
        "/v1/plays", "post", "Open a play session",
        "The platform's server tells that this teacher is about to play this resource, and hands "
        "the answer to the page. One for each load of a page (rule 18).",
        (201, OpenedPlay, "an open play"), (PLATFORM_KEY,),
        (*TIME, *BODY, Fault.WRONG_KEY, Fault.UNKNOWN_RESOURCE, Fault.MALFORMED,
         Fault.TOO_MANY_PLAYS),
        parameters=(SIMULATED_TIME,), body=OpenPlay,
        example={"teacher_id": "t000001", "resource_id": "teaching-02"}),
    Operation(
        "/v1/events", "post", "Send what was played",
        "A player tells which stretches were played and which answers were given. The token comes "
        "in the header, or in the body if and only if there is no `Authorization` header: a "
        "beacon can set none.",
        (202, Accepted, "Kafka has all events on all its replicas"), (PLAY_TOKEN, ""),
        (*TIME, *BODY, *TOKEN, *LIMITS, *KAFKA, Fault.NO_ROOM, Fault.OTHER_RESOURCE,
         Fault.TOO_MANY_EVENTS, Fault.MALFORMED), (ANOTHERS_QUIZ,),
        (SIMULATED_TIME,), Post,
        example={"events": [
            {"type": "heartbeat", "seq": 1, "from": 0.0, "to": 15.0, "rate": 1.0},
            {"type": "quiz", "seq": 2, "quiz_id": "q1",
             "answers": {"1": "C", "2": ["B", "C"]}}]}),
    Operation(
        "/v1/progress", "get", "What is covered, missing and passed",
        "Of the token's teacher and resource, as the workers decided until now.",
        (200, ResourceDetail, "how far the teacher is"), (PLAY_TOKEN,),
        (*TIME, *TOKEN, Fault.UNKNOWN_RESOURCE, Fault.TOO_FAST, Fault.WORKER_AWAY),
        parameters=(SIMULATED_TIME,)),
    Operation("/healthz", "get", "The process lives", "For whoever restarts it.",
              (200, {"type": "object"}, "it lives")),
    Operation("/readyz", "get", "Posts can be taken",
              "Kafka answers and has the topics as the catalogue says.",
              (200, {"type": "object"}, "ready"),
              refusals=((503, "shortcomings"),), refusal={"type": "object"}),
    Operation("/xapi/about", "get", "Which versions are spoken",
              "Open to all, in any version.",
              (200, {"type": "object"}, "`version` lists 1.0.3 and 2.0.0")),
    Operation("/xapi/statements", "get", "Nothing is given out",
              "This is no learning record store.", None, faults=(Fault.WRONG_METHOD,)),
    _statements(
        "post", summary="Send statements of the Video Profile",
        about="One statement, or a list: all are taken, or none.",
        success=(200, {"type": "array", "items": {"type": "string", "format": "uuid"}},
                 "the statements' ids; Kafka has what they came to"),
        faults=(*STATEMENTS, XapiFault.SAME_ID_TWICE, XapiFault.TOO_MANY_STATEMENTS),
        parameters=(XAPI_VERSION, SIMULATED_TIME), listed=True, example=[PAUSED]),
    _statements(
        "put", summary="Send one statement under its id",
        about="As POST, of one statement.",
        success=(204, None, "Kafka has what it came to"),
        faults=(*STATEMENTS, XapiFault.PARAMETER_WRONG, XapiFault.OTHER_ID),
        parameters=(XAPI_VERSION, parameter(
            "statementId", "query", "The statement's id.", required=True, example=UUID,
            schema={"format": "uuid"}), SIMULATED_TIME), example=PAUSED),
    _document("/xapi/activities/state",
              "How a cmi5 player was launched (`stateId=LMS.LaunchData`); nothing else is stored.",
              (parameter("stateId", "query", "Without it: the list of states, `[]`."),
               parameter("activityId", "query", "The play's activity; needed with `stateId`.")),
              (XapiFault.OTHER_ACTIVITY,)),
    _document("/xapi/activities/profile", "None is stored.",
              (parameter("profileId", "query", "Without it: the list of profiles, `[]`."),)),
    _document("/xapi/agents/profile", "None is stored.",
              (parameter("profileId", "query", "Without it: the list of profiles, `[]`."),)),
)
