"""What the processes of `xueshi up` are told. What is set in the environment holds."""

from typing import Any

from demo.up.keys import kept_keys
from pipeline.settings import ROOT, Settings

PROGRAMMES = ROOT / "demo" / "programme"
HOST = "127.0.0.1"
# Who has no port of its own, by what comes on top of the collector's.
OTHERS = {"loader": 1040, "publisher": 1050, "lag --serve": 1060}


def up_settings(base: Settings) -> Settings:
    """All but Kafka's address. The data, and the keys with it, lie in `up` below `base`'s.

    Raises:
        DemoError, OSError: the keys cannot be read or written.
    """
    folder = (base.var_dir / "up").resolve()
    site = address(base.site_port)
    chosen = _unless_set(base, {
        "programmes_dir": PROGRAMMES, "partitions": 4, "publish_seconds": 3.0,
        "heartbeat_seconds": 5, "cors_origins": (site, site.replace(HOST, "localhost")),
        "learner_play_url": f"{site}/watch/{{resource_id}}?at={{seconds}}",
        **kept_keys(folder / "keys.json"),
    })
    # The sign-in of the website asks for no password: nothing here may be reached from elsewhere.
    hosts = {f"{name}_host": HOST for name in ("collector", "worker", "dashboard", "learner")}
    return base.model_copy(update={**chosen, **hosts, "var_dir": folder, "simulation": False})


def ops_ports(settings: Settings) -> dict[str, int]:
    """Where each process serves its metrics; for the usual ports those that
    ops/prometheus/targets.yml has.
    """
    with_own = {name: getattr(settings, f"{name}_port") + 1000
                for name in ("collector", "worker", "dashboard", "learner")}
    return {**with_own, **{name: settings.collector_port + more for name, more in OTHERS.items()}}


def _unless_set(base: Settings, defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in defaults.items()
            if name not in base.model_fields_set}


def address(port: int) -> str:
    """Where browsers of this machine find it."""
    return f"http://{HOST}:{port}"
