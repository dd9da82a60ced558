"""The documents that a cmi5 player asks for when it starts. No document is stored here.

A player that looks for where it left off is told that there is nothing (404), and starts anew.
"""

from collections.abc import Callable
from hashlib import sha1
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector.arrival import arrival
from pipeline.collector.faults import refused
from pipeline.collector.tokens import Play
from pipeline.collector.xapi.credentials import Credentials
from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.iris import activity_of, is_of
from pipeline.settings import Settings

LAUNCH_DATA = "LMS.LaunchData"
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"


class Documents:
    """What is asked of the resources state, agent profile and activity profile."""

    def __init__(
        self, settings: Settings, credentials: Credentials, clock: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._clock = clock

    async def state(self, request: Request) -> Response:
        """200 and how a cmi5 player was launched; 404 for any other state of the play's activity.

        Raises:
            RefusedError: 401; 403, the state of another activity; 404.
        """
        play = self._sender(request)
        if "stateId" not in request.query_params:
            return _document([])
        wanted = request.query_params["stateId"]
        if play is None or wanted != LAUNCH_DATA:
            raise _nothing("stateId")
        self._require_own(play, request.query_params.get("activityId", ""))
        return _document(self._launch(play))

    async def profile(self, request: Request) -> Response:
        """404, or 200 and an empty list of what there is."""
        self._sender(request)
        if "profileId" in request.query_params:
            raise _nothing("profileId")
        return _document([])

    def _sender(self, request: Request) -> Play | None:
        at = arrival(request.headers, self._clock, self._settings.simulation)
        return self._credentials.read(request.headers, at)

    def _require_own(self, play: Play, activity_id: str) -> None:
        prefix = self._settings.xapi_activity_prefix
        if not is_of(play, activity_of(prefix, activity_id)):
            raise refused(XapiFault.OTHER_ACTIVITY, ("query", "activityId"),
                          f"the token is for {prefix}{play.resource_id}")

    def _launch(self, play: Play) -> dict[str, Any]:
        """Not what decides: whether a resource is done follows from what was played (rule 8)."""
        publisher = {"id": self._settings.xapi_activity_prefix + play.resource_id}
        return {
            "contextTemplate": {
                "contextActivities": {"grouping": [publisher]},
                "extensions": {SESSION: play.session_id},
            },
            "launchMode": "Normal",
            "moveOn": "NotApplicable",
        }


def _nothing(parameter: str) -> Exception:
    return refused(XapiFault.NOTHING_STORED, ("query", parameter), "no documents are stored here")


def _document(content: Any) -> Response:
    body = orjson.dumps(content)
    # The standard's own way to name what was read.
    tag = sha1(body, usedforsecurity=False).hexdigest()
    return Response(body, headers={"ETag": f'"{tag}"'}, media_type="application/json")
