"""Every setting of every process, read once from the environment and handed on."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

ROOT = Path(__file__).resolve().parents[1]

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(ge=1)]
Origin = Annotated[str, Field(pattern=r"^https?://[^/\s?#@*]+$")]
PositiveSeconds = Annotated[float, Field(gt=0)]
SECRETS_DIR = "XUESHI_SECRETS_DIR"


class SettingMissingError(Exception):
    """A process needs a setting that has no default."""


class Settings(BaseSettings):
    """`XUESHI_<NAME>` sets each, or a file of that name in the folder that XUESHI_SECRETS_DIR
    names; docs/reference/settings.md is made from this class.
    """

    model_config = SettingsConfigDict(env_prefix="XUESHI_", frozen=True, populate_by_name=True)

    kafka_bootstrap_servers: str | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS"),
        description="Kafka to use, host:port,…; unset: a local broker is started",
    )
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="how that Kafka is spoken to: plain text, over TLS, or over TLS with user and "
        "password; the local broker is on loopback, in plain text",
    )
    kafka_ca_file: Path | None = Field(
        default=None,
        description="PEM file with the authority of the brokers' certificates; unset: the system's",
    )
    kafka_user: str | None = Field(
        default=None, min_length=1, description="user of this process (SASL_SSL)"
    )
    kafka_password: SecretStr | None = Field(
        default=None, min_length=1, description="that user's password"
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256"] = Field(
        default="SCRAM-SHA-512", description="how the password is proven"
    )
    kafka_cert_file: Path | None = Field(
        default=None,
        description="PEM file with a certificate of this process, for brokers that want one",
    )
    kafka_key_file: Path | None = Field(
        default=None, description="PEM file with its key; unset: in the same file"
    )
    topic_prefix: str = Field(
        default="xueshi.", pattern=r"^[a-zA-Z0-9._-]{0,100}$",
        description="put before every topic name and consumer group",
    )
    partitions: Positive = Field(
        default=8, description="partitions of every topic keyed by teacher"
    )
    replication: Positive = Field(
        default=1, description="replicas of each topic; 3 outside one machine"
    )
    programmes_dir: Path = Field(
        default=ROOT / "programmes", description="folder of programme files (*.toml)"
    )
    regions_file: Path = Field(
        default=ROOT / "data" / "gbt2260.csv", description="names of regions by GB/T 2260 code"
    )
    var_dir: Path = Field(default=Path("var"), description="where all local data goes")
    simulation: bool = Field(
        default=False,
        description="accept a virtual receive time from clients; never set it in production",
    )

    platform_key: SecretStr | None = Field(
        default=None, min_length=16,
        description="key the platform opens plays and reads progress with, ≥ 16 characters",
    )
    platform_key_previous: SecretStr | None = Field(
        default=None, min_length=16,
        description="the key before it, which the platform may still use; our own processes use "
        "the new one",
    )
    token_secret: SecretStr | None = Field(
        default=None, min_length=32, description="key that signs play tokens, ≥ 32 characters"
    )
    token_secret_previous: SecretStr | None = Field(
        default=None, min_length=32,
        description="the key before it: what it signed is still good, and nothing new is signed "
        "with it (docs/how-to/secure.md)",
    )
    certificate_secret: SecretStr | None = Field(
        default=None, min_length=32,
        description="key of the certificates' numbers, ≥ 32 characters; changed, no number made "
        "before is valid any more",
    )
    # No longer than the agents remember a session's numbers (rules/watching.py: MEMORY_MS).
    token_lifetime_seconds: Annotated[int, Field(ge=60, le=86_400)] = Field(
        default=12 * 3600, description="how long a play token is good for; a day at most"
    )
    heartbeat_seconds: Positive = Field(
        default=15, description="how often a player should send a heartbeat"
    )

    collector_host: str = Field(default="127.0.0.1", description="address the collector binds")
    collector_port: Port = Field(default=8700, description="port of the collector")
    cors_origins: tuple[Origin, ...] = Field(
        default=(),
        description='JSON: websites whose players post to the collector, exactly as browsers name '
        'them, ["https://learn.example"]; unset: those at its own address only',
    )
    linger_ms: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=20, description="how long the collector packs events of one partition together"
    )
    max_post_bytes: Positive = Field(default=262_144, description="largest body; larger: 413")
    max_post_events: Positive = Field(default=500, description="most events a post; more: 413")
    posts_per_second: PositiveSeconds = Field(
        default=2.0, description="steady rate of posts of one play session; faster: 429"
    )
    posts_burst: Positive = Field(default=20, description="posts a session may send at once")
    # A teacher's devices together: not by address, as a whole school may share one. Each process
    # of the collector counts on its own.
    teacher_posts_per_second: PositiveSeconds = Field(
        default=4.0, description="steady rate of posts of one teacher, all sessions; faster: 429"
    )
    teacher_posts_burst: Positive = Field(
        default=60, description="posts a teacher may send at once, all sessions"
    )
    teacher_events_per_second: PositiveSeconds = Field(
        default=10.0, description="steady rate of events of one teacher; faster: 429"
    )
    teacher_events_burst: Positive = Field(
        default=5_000, description="events a teacher may send at once: hours of offline viewing"
    )
    teacher_plays_per_minute: PositiveSeconds = Field(
        default=6.0, description="steady rate of plays opened for one teacher; faster: 429"
    )
    teacher_plays_burst: Positive = Field(
        default=60, description="plays that may be opened for a teacher at once"
    )
    refused_bytes_per_second: PositiveSeconds = Field(
        default=256.0,
        description="steady rate of what is kept of a teacher's refused events; faster: 429"
    )
    refused_bytes_burst: Positive = Field(
        default=1_048_576, description="refused events of a teacher that may be kept at once, bytes"
    )
    max_connections: Annotated[int, Field(ge=16)] = Field(
        default=20_000,
        description="connections a collector holds; the one silent longest makes room for a new "
        "one. Never more than the process may have open files",
    )
    progress_per_second: PositiveSeconds = Field(
        default=0.5, description="steady rate at which one play session may ask for its progress"
    )
    progress_burst: Positive = Field(
        default=10, description="how often it may ask for it at once; more: 429"
    )
    kafka_timeout_seconds: PositiveSeconds = Field(
        default=10.0, description="how long a post waits for Kafka before 503"
    )

    xapi_activity_prefix: str = Field(
        default="urn:xueshi:resource:", pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$",
        description="how xAPI players name a resource: this, and the resource's id",
    )

    worker_host: str = Field(
        default="127.0.0.1", description="address a worker binds and tells the other workers"
    )
    worker_port: Port = Field(default=8710, description="port of this worker's progress API")
    session_timeout_seconds: Annotated[int, Field(ge=6, le=60)] = Field(
        default=20, description="after how long a silent worker's partitions go to others"
    )
    buckets: Positive = Field(
        default=4096,
        description="buckets of state a partition, about 8 teachers each; fixed for a deployment",
    )
    hot_buckets: Positive = Field(
        default=20_000, description="buckets an agent keeps in memory a partition"
    )
    flush_seconds: PositiveSeconds = Field(
        default=1.0, description="how often an agent makes its state durable"
    )
    flush_records: Positive = Field(
        default=20_000, description="flush sooner, after this many records, each of many events"
    )
    turn_seconds: Annotated[float, Field(ge=0)] = Field(
        default=120.0,
        description="within how long a changed bucket of what is watched is written, if the worker "
        "can; so much of the input is read again after a crash. 0: each flush writes all",
    )

    land_seconds: PositiveSeconds = Field(
        default=2.0, description="how often the loader commits to the warehouse"
    )
    publish_seconds: PositiveSeconds = Field(
        default=60.0, description="how often the publisher makes new published files"
    )
    keep_publications: Positive = Field(default=3, description="how many publications are kept")

    rejection_alarm_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.05, description="share of refused events above which an alarm is raised"
    )
    rejection_alarm_seconds: Positive = Field(
        default=60, description="the time over which that share is taken"
    )
    rejection_alarm_events: Positive = Field(
        default=50, description="fewer refused events in that time raise no alarm"
    )

    dashboard_host: str = Field(default="127.0.0.1", description="address the dashboard binds")
    dashboard_port: Port = Field(default=8720, description="port of the dashboard")
    dashboard_url: str | None = Field(
        default=None, pattern=r"^https://[^/\s?#@]+$",
        description="address of the dashboard as browsers see it, https://name; unset: plain HTTP, "
        "for browsers on this machine only",
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        default=30, description="a sign-in ends after so long without a request"
    )
    session_hours: Annotated[int, Field(ge=1, le=24)] = Field(
        default=12, description="a sign-in ends after so long in any case"
    )
    oidc_issuer: str | None = Field(
        default=None, description="OpenID Connect provider to sign in with; unset: passwords only"
    )
    oidc_client_id: str = Field(default="xueshi", description="this dashboard's id there")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="this dashboard's secret there; unset: a public client"
    )
    oidc_label: str = Field(
        default="统一身份认证", description="what the button of that sign-in says"
    )
    oidc_scope: str = Field(
        default="openid profile", pattern=r"(^|\s)openid(\s|$)",
        description="scopes asked for; openid must be one"
    )
    oidc_name_claim: str = Field(
        default="preferred_username", description="claim with the account's name"
    )
    oidc_region_claim: str = Field(
        default="region", description="claim with the account's region"
    )
    oidc_regions: dict[str, str] = Field(
        default={}, description="JSON: region code by value of that claim; a value that is not "
        "listed must be a code itself",
    )
    oidc_rights_claim: str = Field(
        default="roles", description="claim with the account's rights: a list, or words"
    )
    oidc_names_right: str = Field(
        default="xueshi-names", description="right to see teachers' names"
    )
    oidc_query_right: str = Field(
        default="xueshi-query", description="right to use the SQL box"
    )
    site_port: Port = Field(
        default=8740, description="port of the website that plays the platform (`xueshi up`)"
    )

    learner_host: str = Field(
        default="127.0.0.1", description="address the teachers' page binds"
    )
    learner_port: Port = Field(default=8730, description="port of the teachers' page")
    learner_url: str | None = Field(
        default=None, pattern=r"^https://[^/\s?#@]+$",
        description="address of the teachers' page as browsers see it, https://name; unset: plain "
        "HTTP, for browsers on this machine only",
    )
    learner_minutes: Annotated[int, Field(ge=5, le=12 * 60)] = Field(
        default=60, description="a teacher's visit ends after so long; the platform begins another"
    )
    learner_play_url: str | None = Field(
        default=None, pattern=r"^https?://\S+$",
        description="where the platform plays a resource, with {resource_id} and {seconds} in it; "
        "unset: the teachers' page has no links to it",
    )
    worker_url: str | None = Field(
        default=None, pattern=r"^https?://[^/\s?#@]+$",
        description="where the teachers' page and the collector ask for progress, http://host:port "
        "of any worker or of a balancer; unset: XUESHI_WORKER_HOST and XUESHI_WORKER_PORT",
    )

    log_format: Literal["logfmt", "json"] = Field(
        default="logfmt", description="how a process writes its log lines on stderr"
    )
    ops_host: str = Field(
        default="127.0.0.1",
        description="address at which every process serves /metrics, /healthz and /readyz",
    )
    ops_port: Port | None = Field(
        default=None,
        description="port of them; unset: 1000 above the process's own port, 9740 of the loader, "
        "9750 of the publisher, 9760 of `xueshi lag --serve`",
    )

    query_seconds: PositiveSeconds = Field(
        default=30.0, description="how long a query of the SQL box may take"
    )
    query_memory_mib: Annotated[int, Field(ge=128)] = Field(
        default=1024, description="memory a query of the SQL box may use"
    )
    query_rows: Positive = Field(
        default=10_000, description="most rows of an answer of the SQL box"
    )
    query_slots: Positive = Field(
        default=2, description="queries of the SQL box that may run at once"
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files, as containers are handed secrets."""
        folder = os.environ.get(SECRETS_DIR)
        if folder and not Path(folder).is_dir():
            raise SettingMissingError(f"{SECRETS_DIR}: there is no folder {folder}")
        files = [SecretsSettingsSource(settings_cls, folder)] if folder else []
        return init_settings, env_settings, *files

    @model_validator(mode="after")
    def _is_spoken_to_as_told(self) -> Self:
        """A secret that would not be used means that somebody thinks it is."""
        if self.kafka_security != "PLAINTEXT" and not self.kafka_bootstrap_servers:
            raise ValueError("XUESHI_KAFKA_SECURITY needs KAFKA_BOOTSTRAP_SERVERS")
        if (self.kafka_security == "SASL_SSL") != bool(self.kafka_user and self.kafka_password):
            raise ValueError("XUESHI_KAFKA_SECURITY=SASL_SSL needs XUESHI_KAFKA_USER and "
                             "XUESHI_KAFKA_PASSWORD, and these need it")
        return self

    @property
    def warehouse_path(self) -> Path:
        return self.var_dir / "warehouse" / "warehouse.duckdb"

    @property
    def snapshot_path(self) -> Path:
        """The loader's consistent copy of the warehouse, which the publisher reads."""
        return self.var_dir / "warehouse" / "snapshot.duckdb"

    @property
    def published_dir(self) -> Path:
        return self.var_dir / "published"

    @property
    def accounts_path(self) -> Path:
        return self.var_dir / "dashboard" / "accounts.jsonl"

    @property
    def sessions_path(self) -> Path:
        return self.var_dir / "dashboard" / "sessions.sqlite"

    @property
    def access_log_dir(self) -> Path:
        """Who read what: one file a day (dashboard/access/audit.py)."""
        return self.var_dir / "dashboard" / "access-log"

    @property
    def visits_path(self) -> Path:
        """Tickets that were used and visits that were ended (learner/spent.py)."""
        return self.var_dir / "learner" / "visits.sqlite"

    @property
    def progress_url(self) -> str:
        """Where progress is asked for, without a slash at the end."""
        return self.worker_url or f"http://{self.worker_host}:{self.worker_port}"

    def topic(self, name: str) -> str:
        """The topic's full name on the broker."""
        return self.topic_prefix + name

    def secret(self, name: str) -> str:
        """The value of a secret setting.

        Raises:
            SettingMissingError: it is not set; the message names the variable.
        """
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise SettingMissingError(f"set XUESHI_{name.upper()} in the environment")
        return value.get_secret_value()

    def secrets(self, name: str) -> tuple[str, ...]:
        """The secret in use, and after it the one before, if that is still good.

        Raises:
            SettingMissingError: the one in use is not set.
        """
        previous: SecretStr | None = getattr(self, f"{name}_previous")
        more = (previous.get_secret_value(),) if previous else ()
        return self.secret(name), *more
