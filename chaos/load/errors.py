"""What can go wrong with a load."""


class LoadError(Exception):
    """The load could not be sent; what is in Kafka is not what the truth speaks of."""
