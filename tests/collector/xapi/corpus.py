"""Good statements and bad ones: the shapes that the standard allows, and those it does not."""

from typing import Any

from tests.collector.xapi.speaking import HOME, VIDEO, statement

ID = "8f87ccde-bb56-4c2e-ab83-44982ef22df0"
AGENT = {"mbox": "mailto:a@example.cn"}
SUB = {"objectType": "SubStatement", "actor": AGENT, "verb": {"id": "urn:x:did"},
       "object": {"id": "urn:x:this"}}


def context(**said: Any) -> dict[str, Any]:
    return statement(context=said)


def result(**said: Any) -> dict[str, Any]:
    return statement(result=said)


GOOD: dict[str, dict[str, Any]] = {
    "the least": {"actor": AGENT, "verb": {"id": "urn:x:did"}, "object": {"id": "urn:x:this"}},
    "a verb with names": statement(verb={"id": "urn:x:did", "display": {"zh-CN": "看了"}}),
    "an IRI beyond ASCII": statement("http://example.cn/动词/看"),
    "a hash for a mail address": statement(actor={"mbox_sha1sum": "a" * 40}),
    "an openid": statement(actor={"openid": "https://id.example.cn/a"}),
    "a group without a name": statement(actor={"objectType": "Group", "member": [AGENT]}),
    "an identified group": statement(actor={"objectType": "Group", **AGENT}),
    "an agent as object": statement(object={"objectType": "Agent", **AGENT}),
    "a reference": statement(object={"objectType": "StatementRef", "id": ID}),
    "a statement inside": statement(object=SUB),
    "null in extensions": result(extensions={"urn:x:a": None, "urn:x:b": {"c": [None]}}),
    "a whole result": result(score={"scaled": 1, "raw": 3, "min": 0, "max": 3.5}, success=True,
                             completion=False, response="", duration="PT1H2.34S"),
    "a duration in weeks": result(duration="P4W"),
    "a context": context(registration=ID, instructor=AGENT, platform="web", revision="1",
                         language="zh-Hans-CN", statement={"objectType": "StatementRef", "id": ID},
                         extensions={"urn:x:a": 1}),
    "one activity as context": context(contextActivities={"category": {"id": "urn:x:c"}}),
    "activities as context": context(contextActivities={"parent": [{"id": "urn:x:c"}]}),
    "2.0: agents as context": context(contextAgents=[
        {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["urn:x:t"]}]),
    "2.0: groups as context": context(contextGroups=[
        {"objectType": "contextGroup", "group": {"objectType": "Group", "member": [AGENT]}}]),
    "a timestamp": statement(timestamp="2023-07-20T12:00:00.123+08:00"),
    "a timestamp in the basic format": statement(timestamp="20230720T120000Z"),
    "a timestamp without a zone": statement(timestamp="2023-07-20T12:00:00"),
    "what a store assigns": statement(stored="2023-07-20T12:00:00Z", authority=AGENT,
                                      version="1.0.0"),
    "version 2": statement(version="2.0.0"),
    "a question": statement(object={"id": VIDEO, "definition": {
        "type": "http://adlnet.gov/expapi/activities/cmi.interaction", "interactionType": "choice",
        "correctResponsesPattern": ["a[,]b"], "choices": [{"id": "a"}, {"id": "b"}]}}),
    "an attachment elsewhere": statement(attachments=[
        {"usageType": "urn:x:u", "display": {"zh": "证书"}, "contentType": "text/plain",
         "length": 3, "sha2": "ab", "fileUrl": "https://example.cn/f"}]),
}

BAD: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a number": (3, ()),
    "a text": ("statement", ()),
    "null": (None, ()),
    "nothing in it": ({}, ("actor",)),
    "no actor": ({"verb": {"id": "urn:x:did"}, "object": {"id": "urn:x:this"}}, ("actor",)),
    "no verb": ({"actor": AGENT, "object": {"id": "urn:x:this"}}, ("verb",)),
    "no object": ({"actor": AGENT, "verb": {"id": "urn:x:did"}}, ("object",)),
    "a property too many": (statement(score=1), ("score",)),
    "a key in another case": (statement(Timestamp="2023-07-20T12:00:00Z"), ("Timestamp",)),
    "an id that is none": (statement(id="1"), ("id",)),
    "an id that is a number": (statement(id=1), ("id",)),
    "a null id": (statement(id=None), ("id",)),
    "a null deep inside": (result(score={"raw": None}), ("result", "score", "raw")),
    "a verb that is a text": (statement(verb="urn:x:did"), ("verb",)),
    "a verb without a scheme": (statement("played"), ("verb", "id")),
    "a verb with a space": (statement("urn:x:a b"), ("verb", "id")),
    "a language that is none": (statement(verb={"id": "urn:x:did", "display": {"a b": "x"}}),
                                ("verb", "display", "a b", "[key]")),
    "nobody": (statement(actor={"name": "a"}), ("actor",)),
    "somebody twice": (statement(actor={**AGENT, "openid": "https://id.example.cn"}), ("actor",)),
    "an actor of another kind": (statement(actor={"objectType": "agent", **AGENT}), ("actor",)),
    "a kind that is a list": (statement(actor={"objectType": ["Agent"], **AGENT}), ("actor",)),
    "an actor that is an activity": (statement(actor={"objectType": "Activity", "id": "urn:x:a"}),
                                     ("actor",)),
    "a mail address alone": (statement(actor={"mbox": "a@example.cn"}), ("actor", "mbox")),
    "a short hash": (statement(actor={"mbox_sha1sum": "a"}), ("actor", "mbox_sha1sum")),
    "an account without its home": (statement(actor={"account": {"name": "t"}}),
                                    ("actor", "account", "homePage")),
    "an account that is a number": (statement(actor={"account": {"homePage": HOME, "name": 1}}),
                                    ("actor", "account", "name")),
    "a group of nobody": (statement(actor={"objectType": "Group"}), ("actor",)),
    "a group in a group": (statement(actor={"objectType": "Group", "member": [
        {"objectType": "Group", "member": [AGENT]}]}), ("actor", "member", "0", "objectType")),
    "an object without id": (statement(object={"objectType": "Activity"}), ("object", "id")),
    "a reference to nothing": (statement(object={"objectType": "StatementRef", "id": "1"}),
                               ("object", "id")),
    "a statement inside with an id": (statement(object={**SUB, "id": ID}), ("object", "id")),
    "a statement inside one inside": (statement(object={**SUB, "object": SUB}),
                                      ("object", "object")),
    "success in words": (result(success="true"), ("result", "success")),
    "a score in words": (result(score={"raw": "3"}), ("result", "score", "raw")),
    "a score beyond its range": (result(score={"scaled": 1.01}), ("result", "score", "scaled")),
    "a score above its most": (result(score={"raw": 4, "max": 3}), ("result", "score")),
    "a response that is a list": (result(response=["A"]), ("result", "response")),
    "a duration in words": (result(duration="an hour"), ("result", "duration")),
    "an empty duration": (result(duration="PT"), ("result", "duration")),
    "weeks and days": (result(duration="P4W1D"), ("result", "duration")),
    "an extension without a scheme": (result(extensions={"time": 3}),
                                      ("result", "extensions", "time", "[key]")),
    "extensions that are a list": (result(extensions=[]), ("result", "extensions")),
    "a registration that is none": (context(registration="r"), ("context", "registration")),
    "a context of another kind": (context(contextActivities={"sibling": []}),
                                  ("context", "contextActivities", "sibling")),
    "a team that is one": (context(team=AGENT), ("context", "team", "objectType")),
    "a platform of an agent": (statement(object={"objectType": "Agent", **AGENT},
                                         context={"platform": "web"}), ()),
    "a timestamp in words": (statement(timestamp="now"), ("timestamp",)),
    "a timestamp that is a number": (statement(timestamp=1690000000), ("timestamp",)),
    "a day that is none": (statement(timestamp="2023-02-30T00:00:00Z"), ("timestamp",)),
    "an offset of minus nothing": (statement(timestamp="2023-07-20T12:00:00-00:00"),
                                   ("timestamp",)),
    "a version before 1.0": (statement(version="0.95"), ("version",)),
    "a version after": (statement(version="1.1.0"), ("version",)),
    "a kind of question unknown": (statement(object={"id": VIDEO, "definition": {
        "interactionType": "guess"}}), ("object", "definition", "interactionType")),
    "an attachment without its place": (statement(attachments=[
        {"usageType": "urn:x:u", "display": {"zh": "x"}, "contentType": "a/b", "length": 3,
         "sha2": "ab"}]), ("attachments", "0", "fileUrl")),
}
