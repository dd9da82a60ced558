from typing import NoReturn
from pipeline.settings import Settings
def serve_for_ever(settings: Settings, window: float, every: float) -> NoReturn:
    raise NotImplementedError
