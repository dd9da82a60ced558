"""kafka-python's admin client, which leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from pipeline.broker import wire


@contextmanager
def admin_client(address: str, **config: Any) -> Iterator[Any]:
    """An admin client of `address`, with kafka-python's settings.

    Raises:
        KafkaError: no broker answers.
    """
    opened: list[Any] = []

    def remembered(**of_client: Any) -> Any:
        opened.append(KafkaNetClient(**of_client))
        return opened[-1]

    try:
        client = KafkaAdminClient(**wire.client(address), **config, kafka_client=remembered)
    except KafkaError:
        # kafka-python 3.0 leaves a thread behind that tries to connect for ever
        for one in opened:
            one.close()
        raise
    with client:
        yield client
