"""Settings without a broker."""

from tests.collector.conftest import offline

__all__ = ["offline"]
