"""The one place that reads the environment."""

import hashlib
import os
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from loan_service.errors import SettingsError


class Deployment(StrEnum):
    """What this process is: one wing, or both side by side for visitors."""

    DISTRICT = "district"
    BANK = "bank"
    DEMO = "demo"


def default_data_dir() -> Path:
    """One data folder per checkout; for root never below a home, whose parents PostgreSQL's starter would open."""
    checkout = Path.cwd().resolve()
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/haixia") / f"{checkout.name}-{hashlib.sha256(bytes(checkout)).hexdigest()[:8]}"
    return checkout / "var"


class Settings(BaseSettings):
    """Settings of one process, from `HAIXIA_*` environment variables.

    Raises:
        SettingsError: outside demo mode without operator, agreement and bank or district role declared.
    """

    model_config = SettingsConfigDict(env_prefix="HAIXIA_", frozen=True)

    deployment: Deployment = Deployment.DEMO
    database_url: str | None = Field(default=None, description="owner's URL of an external PostgreSQL; none = embedded")
    data_dir: Path = Field(default_factory=default_data_dir)
    files_dir: Path | None = Field(default=None, description="folder with the agencies' and banks' files")
    host: str = "127.0.0.1"
    port: int = 8000
    simulator_port: int = 8001
    seed: int = Field(default=6, description="seed of the simulated district (demo only); 1 to 5 served for fitting")
    scale: float = Field(default=1.0, gt=0, le=10, description="size of the simulated district (demo only)")
    operator: str = ""
    role_of_parties: str = ""
    agreement_reference: str = ""
    civility_input: bool = Field(
        default=True, description="off: no grade reaches any model, and no offer carries a bonus"
    )
    training_data_origin: Literal["own", "simulated", "foreign"] = Field(
        default="own", description="where banks' past loans come from; in demo mode they are simulated"
    )
    model_files: str = Field(default="", description="folder or object store URL for models' files; none = data_dir")
    notice_days: int = Field(default=30, ge=0, description="days between a pre-notice and a negative counting")

    @model_validator(mode="after")
    def declared_outside_demo(self) -> Self:
        """Outside demo mode nobody may run this without saying who answers for it."""
        missing = [n for n in ("operator", "role_of_parties", "agreement_reference") if not getattr(self, n)]
        if self.deployment is not Deployment.DEMO and missing:
            names = ", ".join(f"HAIXIA_{name.upper()}" for name in missing)
            raise SettingsError(
                "settings.undeclared",
                f"a {self.deployment} deployment needs {names}",
                f"正式部署必须声明：{names}",
                "declare the operator, each party's role and the agreement, then start again",
            )
        return self

    @property
    def demo(self) -> bool:
        """Whether both wings, the simulators and the demo clock run here."""
        return self.deployment is Deployment.DEMO

    @property
    def files(self) -> Path:
        """The folder with the agencies' and banks' files."""
        return self.files_dir or self.data_dir / "files" / f"seed-{self.seed}-scale-{self.scale:g}"

    @property
    def past_loans_origin(self) -> Literal["own", "simulated", "foreign"]:
        """Where training rows come from: nobody's in a demonstration."""
        return "simulated" if self.demo else self.training_data_origin

    @property
    def model_files_root(self) -> Path | str:
        """Where the registry keeps models' files."""
        return self.model_files or self.data_dir / "models"

    @property
    def keys_dir(self) -> Path:
        """Demo keys, generated at first start, readable by their owner only."""
        return self.data_dir / "keys"


def child_environment(settings: Settings, database_url: str) -> dict[str, str]:
    """The environment of a process we start: ours, with this server's database and folders made explicit."""
    return os.environ | {
        "HAIXIA_DEPLOYMENT": settings.deployment.value,
        "HAIXIA_DATABASE_URL": database_url,
        "HAIXIA_DATA_DIR": str(settings.data_dir),
        "HAIXIA_FILES_DIR": str(settings.files),
        "HAIXIA_PORT": str(settings.port),
        "HAIXIA_SIMULATOR_PORT": str(settings.simulator_port),
        "HAIXIA_SEED": str(settings.seed),
        "HAIXIA_SCALE": str(settings.scale),
        "HAIXIA_CIVILITY_INPUT": str(settings.civility_input),
    }


def ensure_runtime_dir(data_dir: Path) -> None:
    """Gives libraries that look for XDG_RUNTIME_DIR a folder of ours; without one they warn and fall back to /tmp."""
    run = data_dir / "run"
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(run))
