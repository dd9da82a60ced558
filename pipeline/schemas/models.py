"""Every model on the wire by name, and its JSON Schema."""

from typing import Any

from pipeline.schemas.adjustments import Grant, Hold, OpeningBalance, Reversal, Withdrawal
from pipeline.schemas.base import Record
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.rejections import Rejection
from pipeline.schemas.replays import Replay
from pipeline.schemas.roster import Region, School, Teacher, Verification
from pipeline.schemas.telemetry import TelemetryBatch

MODELS: dict[str, type[Record]] = {
    model.__name__: model
    for model in (TelemetryBatch, Completion, Enrolment, LedgerEntry, Rejection, Replay,
                  Region, School, Teacher, Verification,
                  Grant, Withdrawal, Hold, Reversal, OpeningBalance)
}


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the model, as readers of the topic should check it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **MODELS[name].model_json_schema(by_alias=True),
    }
