"""What must hold whatever happened, judged on what lies in Kafka when a run is over."""

from chaos.invariants.broken import Broken
from chaos.invariants.check import Proof, check_invariants

__all__ = ["Broken", "Proof", "check_invariants"]
