"""The one error of this package that a user may meet."""


class BrokerError(Exception):
    """Kafka cannot be had, or a topic is not as it should be; the message says what to do."""
