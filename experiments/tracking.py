"""Every run of an experiment is an MLflow run: what it was given, what it measured, what it drew.

    with tracked("bench scoring", {"rows": 1_000_000}, data=hash_of([path])) as run:
        run.metrics({"seconds": 1.2})
        run.file("table.json", text)

Runs go to the URI of `HAIXIA_TRACKING_URI` or of the argument; without either, to SQLite below `build/mlflow`.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from models.code_version import code_version
from models.registry import log_figures, open_client

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

HOME: Final = Path("build/mlflow")
URI_VARIABLE: Final = "HAIXIA_TRACKING_URI"
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Run:
    """One run that is under way.

    Attributes:
        run_id: MLflow's.
    """

    run_id: str
    _client: "MlflowClient"

    def metrics(self, figures: Mapping[str, float]) -> None:
        """Keeps figures; names may hold letters, digits and `_ - . / :` only."""
        log_figures(self._client, self.run_id, {}, figures)

    def file(self, name: str, content: str | bytes) -> None:
        """Keeps a file, such as a plot (`plots/reliability.svg`) or a table."""
        with TemporaryDirectory() as folder:
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
            self._client.log_artifacts(self.run_id, folder)


@contextmanager
def tracked(experiment: str, parameters: Mapping[str, Any], *, data: str = "", uri: str = "") -> Iterator[Run]:
    """One MLflow run around a block; it is FAILED when the block raises, and then the error goes on.

    Args:
        experiment: Its name, such as `bench models`.
        parameters: What the run was given.
        data: Hash of the data it ran on (`hash_of`); empty where it made its own from its parameters.
        uri: Tracking URI; empty takes the environment's, or SQLite below `build/mlflow`.
    """
    uri = uri or _uri()
    with open_client(uri) as client:
        tags = {"data_hash": data, "code_version": code_version()}
        run_id = client.create_run(_experiment(client, experiment, uri), tags=tags, run_name=experiment).info.run_id
        log_figures(client, run_id, parameters, {})
        try:
            yield Run(run_id, client)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.set_terminated(run_id)


def hash_of(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) over the names and bytes of files, folders read whole; the order given does not matter."""
    files = sorted({file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))})
    digest = sha256()
    for file in files:
        if file.is_file():
            digest.update(file.name.encode() + b"\x00")
            _read_into(digest, file)
    return digest.hexdigest()


def _read_into(digest: Any, file: Path) -> None:
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            digest.update(chunk)


def _uri() -> str:
    given = os.environ.get(URI_VARIABLE)
    if given:
        return given
    HOME.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(HOME / 'runs.db').resolve()}"


def _experiment(client: "MlflowClient", name: str, uri: str) -> str:
    """The experiment of that name; a tracking server knows itself where files go."""
    known = client.get_experiment_by_name(name)
    if known:
        found: str = known.experiment_id
        return found
    place = (HOME / "files" / name.replace(" ", "_")).resolve().as_uri()
    made: str = client.create_experiment(name, artifact_location=None if uri.startswith("http") else place)
    return made
