"""Load with a known truth: straight to Kafka, or over HTTP through one or two collectors."""

from chaos.load.errors import LoadError
from chaos.load.expected import Expected
from chaos.load.http_load import http_load
from chaos.load.kafka_load import kafka_load
from chaos.load.load import Load, Sent
from chaos.load.order import Order

__all__ = ["Expected", "Load", "LoadError", "Order", "Sent", "http_load", "kafka_load"]
