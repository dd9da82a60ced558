"""A collector of a few lines, which keeps what it is sent and can be told to be difficult."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import jwt
import orjson
from aiohttp import web

SECRET = "s" * 40
KEY = "the-key"


@dataclass
class FakeCollector:
    """`hiccups` are statuses to answer instead, in turn, to the next requests; `lengths` of
    videos, in seconds, by id.
    """

    hiccups: list[int] = field(default_factory=list)
    retry_after: str = "0"
    lengths: dict[str, float] = field(default_factory=dict)
    sessions: int = 0
    received: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._difficult])
        app.add_routes([web.post("/v1/plays", self._play), web.post("/v1/events", self._events)])
        return app

    @web.middleware
    async def _difficult(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.hiccups:
            status = self.hiccups.pop(0)
            response = web.Response(status=status, headers={"Retry-After": self.retry_after})
        else:
            response = await handler(request)
        self.statuses[response.status] += 1
        return response

    async def _play(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {KEY}":
            return web.Response(status=401, text="send the platform's key")
        body = orjson.loads(await request.read())
        self.sessions += 1
        claims = {"sub": body["teacher_id"], "res": body["resource_id"], "sid": self.sessions}
        token = jwt.encode(claims, SECRET, algorithm="HS256")
        return web.json_response({"token": token}, status=201)

    async def _events(self, request: web.Request) -> web.Response:
        try:
            claims = jwt.decode(request.headers["Authorization"].removeprefix("Bearer "),
                                SECRET, algorithms=["HS256"], options={"verify_sub": False})
        except jwt.InvalidTokenError:
            return web.Response(status=401)
        return web.Response(status=self._judge(claims, request, await request.read()))

    def _judge(self, claims: dict[str, Any], request: web.Request, raw: bytes) -> int:
        try:
            body = orjson.loads(raw)
            if body.get("resource_id", claims["res"]) != claims["res"]:
                return 403
            length = self.lengths.get(claims["res"], 3600)
            if not all(_sane(event, length) for event in body["events"]):
                return 422
        except (ValueError, AttributeError, TypeError, KeyError):
            return 422
        at = int(request.headers["X-Simulated-Received-At"])
        self.received.append((claims["sub"], at, body))
        return 202


def _sane(event: dict[str, Any], length: float) -> bool:
    if event["type"] == "heartbeat":
        return bool(0 <= event["from"] < event["to"] <= length and event["rate"] > 0)
    return bool(event["type"] == "quiz" and event["answers"])
