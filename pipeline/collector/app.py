"""The collector, wired where all can see it: HTTP in, acknowledged Kafka records out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from pipeline.collector import answers, openapi
from pipeline.collector.events_desk import EventsDesk
from pipeline.collector.faults import RefusedError
from pipeline.collector.pace import Pace
from pipeline.collector.plays_desk import PlaysDesk
from pipeline.collector.publishing import Publisher
from pipeline.collector.tokens import Tokens
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
