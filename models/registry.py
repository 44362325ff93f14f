"""The one door to MLflow: candidates go in once, versions and aliases point at them, scorecards come out as text.

Nothing is pickled: a version holds the scorecard's text, LightGBM's text models, the code that reads the former, and
the rows it was made from as Parquet. MLflow is imported inside functions only: a serving process must never load it.
"""

import io
import json
import logging
import os
import platform
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from models.candidates import SAMPLE_FILE, SCORECARD_FILE, Candidate, parquet_of
from models.errors import UnknownModelVersionError
from models.pyfunc_flavor import PACKED_MODULES
from models.scorecard import Scorecard

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

LIVE: Final = "live"
"""The alias of the version that serves; it follows our promotion ledger."""

LONGEST_PARAMETER: Final = 500
"""Characters a run's parameter may have; whole texts stand in `evidence.json`."""


@dataclass(frozen=True)
class ModelVersion:
    """One immutable entry of the registry.

    Attributes:
        name: Registered model, such as `island_rural.baseline`.
        version: Number given by the registry, 1 upwards.
        run_id: The run that holds its parameters, metrics and files.
    """

    name: str
    version: int
    run_id: str


@dataclass(frozen=True)
class Registry:
    """A model registry.

    Attributes:
        tracking_uri: SQLAlchemy URL of MLflow's own database, or the address of an MLflow server.
        artifact_root: Where runs keep their files: a folder, or the URL of an object store.
    """

    tracking_uri: str
    artifact_root: Path | str

    def register(self, name: str, candidate: Candidate) -> ModelVersion:
        """Store a candidate; the same one again gives the version it already has."""
        with open_client(self.tracking_uri) as client:
            known = _find(client, name, candidate.tags)
            return known or self._store(client, name, candidate)

    def find(self, name: str, key: Mapping[str, str]) -> ModelVersion | None:
        """The latest version with exactly this key (`candidates.key_tags`), or None: ask before training again."""
        with open_client(self.tracking_uri) as client:
            return _find(client, name, key)

    def promote(self, version: ModelVersion, alias: str = LIVE) -> None:
        """Point an alias at a version; the registry keeps no history of such moves, our ledger does."""
        self.point(version.name, str(version.version), alias)

    def point(self, name: str, version: str, alias: str = LIVE) -> None:
        """Point an alias of a model at the version of a number, and note that it does."""
        with open_client(self.tracking_uri) as client:
            client.set_registered_model_alias(name, alias, version)
        note = self._note(name, alias)
        if note:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(version, encoding="utf-8")

    def is_noted(self, name: str, version: str, alias: str = LIVE) -> bool:
        """Whether an alias is known to point there already: asked without MLflow, whose import costs seconds.

        A note says that pointing was finished; without one, as in an object store, nothing is known.
        """
        note = self._note(name, alias)
        return note is not None and note.exists() and note.read_text(encoding="utf-8") == version

    def _note(self, name: str, alias: str) -> Path | None:
        return self.artifact_root / "aliases" / f"{name}@{alias}" if isinstance(self.artifact_root, Path) else None

    def version_of(self, name: str, alias: str = LIVE) -> ModelVersion:
        """The version an alias points at; UnknownModelVersionError when it points nowhere."""
        from mlflow.exceptions import MlflowException

        with open_client(self.tracking_uri) as client:
            try:
                return _version(client.get_model_version_by_alias(name, alias))
            except MlflowException as error:
                raise UnknownModelVersionError(name, f"@{alias}") from error

    def load_scorecard(self, name: str, wanted: int | str = LIVE) -> Scorecard:
        """The scorecard of a version number or an alias; UnknownModelVersionError when there is none."""
        return Scorecard.from_json(self.read(name, wanted, f"model/{SCORECARD_FILE}").decode())

    def load_sample(self, name: str, wanted: int | str = LIVE) -> pa.Table:
        """The rows a version was made from, as delivered; UnknownModelVersionError when it has none."""
        return pq.read_table(io.BytesIO(self.read(name, wanted, f"sample/{SAMPLE_FILE}")))

    def attach(self, name: str, wanted: int | str, files: Mapping[str, bytes]) -> None:
        """Keep further files with a version, such as `dossier/dossier.html`; the same name again replaces the file."""
        with open_client(self.tracking_uri) as client:
            _log_files(client, self._version(client, name, wanted).run_id, files)

    def read(self, name: str, wanted: int | str, path: str) -> bytes:
        """One file of a version; UnknownModelVersionError when there is no such version or file."""
        from mlflow.exceptions import MlflowException

        with open_client(self.tracking_uri) as client, TemporaryDirectory() as folder:
            version = self._version(client, name, wanted)
            try:
                return Path(client.download_artifacts(version.run_id, path, folder)).read_bytes()
            except (MlflowException, OSError) as error:
                raise UnknownModelVersionError(name, f"{wanted}: {path}") from error

    def _version(self, client: "MlflowClient", name: str, wanted: int | str) -> ModelVersion:
        from mlflow.exceptions import MlflowException

        is_number = isinstance(wanted, int) or wanted.isdigit()
        if not is_number:
            return self.version_of(name, str(wanted))
        try:
            return _version(client.get_model_version(name, str(wanted)))
        except MlflowException as error:
            raise UnknownModelVersionError(name, str(wanted)) from error

    def _store(self, client: "MlflowClient", name: str, candidate: Candidate) -> ModelVersion:
        """Log one run with everything, then make it a version; a run cut short is no version and harms nobody."""
        tags = candidate.tags | {"code_version": candidate.code_version}
        run = client.create_run(self._experiment(client, name), tags=tags, run_name=f"{name} {candidate.method}")
        run_id = run.info.run_id
        log_figures(client, run_id, candidate.parameters, candidate.metrics)
        _log_files(client, run_id, _files(run_id, candidate))
        client.set_terminated(run_id)
        _ensure_registered(client, name)
        source = f"{run.info.artifact_uri}/model"
        return _version(client.create_model_version(name, source, run_id, tags=tags))

    def _experiment(self, client: "MlflowClient", name: str) -> str:
        known = client.get_experiment_by_name(name)
        if known:
            found: str = known.experiment_id
            return found
        made: str = client.create_experiment(name, artifact_location=_place(self.artifact_root, name))
        return made


@contextmanager
def open_client(tracking_uri: str) -> Iterator["MlflowClient"]:
    """A client that reports nothing to anybody and keeps no connection open.

    MLflow has no arguments for these two choices, only environment variables, one of which it reads on import.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # noqa: TID251  # a bank's registry must not phone home
    os.environ["MLFLOW_SQLALCHEMYSTORE_POOLCLASS"] = "NullPool"  # noqa: TID251  # idle pools outlive their server
    with warnings.catch_warnings():
        # MLflow maps its tables in a way that SQLAlchemy 2.1 calls outdated; only MLflow can mend it.
        warnings.filterwarnings("ignore", message="The ``noload`` loader strategy")
        from mlflow.tracking import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        yield MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


def log_figures(
    client: "MlflowClient", run_id: str, parameters: Mapping[str, Any], metrics: Mapping[str, float]
) -> None:
    """Write parameters and metrics of a run in one step; a parameter too long for a run is cut."""
    from mlflow.entities import Metric, Param

    params = [Param(name, str(value)[:LONGEST_PARAMETER]) for name, value in parameters.items()]
    client.log_batch(
        run_id, metrics=[Metric(name, float(number), 0, 0) for name, number in metrics.items()], params=params
    )


def _place(root: Path | str, name: str) -> str:
    """Where the files of one model's runs lie, as the address MLflow wants."""
    is_address = isinstance(root, str) and "://" in root
    return f"{str(root).rstrip('/')}/{name}" if is_address else (Path(root) / name).resolve().as_uri()


def _find(client: "MlflowClient", name: str, tags: Mapping[str, str]) -> ModelVersion | None:
    wanted = [f"name = '{name}'", *(f"tags.{tag} = '{value}'" for tag, value in tags.items() if value)]
    entries = [_version(entry) for entry in client.search_model_versions(" and ".join(wanted))]
    return max(entries, key=lambda entry: entry.version, default=None)


def _version(entry: Any) -> ModelVersion:
    return ModelVersion(entry.name, int(entry.version), entry.run_id)


def _ensure_registered(client: "MlflowClient", name: str) -> None:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)


def _log_files(client: "MlflowClient", run_id: str, files: Mapping[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        client.log_artifacts(run_id, folder)


def _files(run_id: str, candidate: Candidate) -> dict[str, bytes]:
    """Everything a version keeps: MLflow's description, scorecard, its reader's code, forest, rows, plots."""
    files = {
        f"model/{SCORECARD_FILE}": candidate.scorecard.to_json().encode(),
        "model/MLmodel": _description(run_id, candidate).encode(),
        "model/code/models/__init__.py": b'"""The part of the models package that reads a scorecard."""\n',
        "evidence.json": json.dumps(candidate.evidence, ensure_ascii=False, indent=2, default=str).encode(),
        **{f"model/code/models/{module}.py": _source(module) for module in PACKED_MODULES},
        **{f"forest/{name}": text.encode() for name, text in candidate.forest.items()},
        **{f"plots/{name}": picture for name, picture in candidate.plots.items()},
    }
    if candidate.loans is not None:
        files[f"sample/{SAMPLE_FILE}"] = parquet_of(candidate.loans)
    return files


def _source(module: str) -> bytes:
    return resources.files("models").joinpath(f"{module}.py").read_bytes()


def _description(run_id: str, candidate: Candidate) -> str:
    """The MLmodel file: which module loads which file, and the named columns that go in."""
    import mlflow

    flavor = {
        "loader_module": "models.pyfunc_flavor",
        "python_version": platform.python_version(),
        "code": "code",
        "data": SCORECARD_FILE,
    }
    content = {
        "artifact_path": "model",
        "flavors": {"python_function": flavor},
        "mlflow_version": mlflow.__version__,
        "run_id": run_id,
        "signature": _signature(candidate.scorecard.names),
        "metadata": {
            "data_hash": candidate.key["data_hash"],
            "scorecard_hash": candidate.scorecard.content_hash(),
            "code_version": candidate.code_version,
        },
    }
    return yaml.safe_dump(content, sort_keys=False)


def _signature(names: Iterable[str]) -> dict[str, str | None]:
    inputs = [{"name": name, "type": "double", "required": True} for name in names]
    outputs = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]
    return {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None}
