"""A request's query and headers, beside who sends it. All wrong ones are 400."""

import re

from starlette.requests import Request

from pipeline.collector.faults import refused
from pipeline.collector.xapi.faults import XapiFault

UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def statement_id(request: Request) -> str | None:
    """The `statementId` of a PUT; None for a POST, which may have no parameter at all.

    Raises:
        RefusedError: 400, a parameter is missing, not known, or no UUID.
    """
    wanted = {"statementId"} if request.method == "PUT" else set()
    require_known(request, wanted)
    if not wanted:
        return None
    given = request.query_params.get("statementId", "")
    if not UUID.fullmatch(given):
        raise refused(XapiFault.PARAMETER_WRONG, ("query", "statementId"), "must be a UUID")
    return given


def require_known(request: Request, known: set[str]) -> None:
    """Raises RefusedError (400) if there is any other parameter."""
    for name in request.query_params:
        if name not in known:
            raise refused(XapiFault.PARAMETER_UNKNOWN, ("query", name[:64]),
                          "is not a parameter here")


def require_json(request: Request) -> None:
    """Raises RefusedError (400): attachments' bytes (multipart) and forms are not taken."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise refused(XapiFault.CONTENT_TYPE, ("header", "Content-Type"),
                      "must be application/json")
