"""The one door to MLflow: trained models go in once, versions and aliases point at them, scorecards come out as text.

Nothing is pickled: a version holds the scorecard's text, LightGBM's text model and the code that reads the former.
MLflow is imported inside functions only, because a serving process must never load it.
"""

import json
import logging
import os
import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import yaml

from models.errors import UnknownModelVersionError
from models.scorecard import Scorecard
from models.training import TrainedModel, TrainingKey

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

LIVE: Final = "live"
"""The alias of the version that serves."""

SCORECARD_FILE: Final = "scorecard.json"
FOREST_FILE: Final = "lightgbm.txt"
_PACKED_MODULES: Final = (
    "errors", "feature_spec", "features", "loader", "logistic", "pyfunc_flavor", "scorecard",
)  # fmt: skip
"""What `pyfunc_flavor` imports, packed beside every scorecard."""


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
        artifact_root: Folder under which runs keep their files.
    """

    tracking_uri: str
    artifact_root: Path

    def register(self, name: str, trained: TrainedModel, *, origin: str = "simulated") -> ModelVersion:
        """Store a trained model; the same model again gives the version it already has.

        Args:
            name: Registered model.
            trained: The model.
            origin: Where its training data come from (`simulated`, `foreign`, `own`), kept as a tag that promotion
                gates read.
        """
        card_hash = trained.scorecard.content_hash()
        with _client(self.tracking_uri) as client:
            known = _find(client, name, {**_key_tags(trained.key), "scorecard_hash": card_hash})
            if known:
                return known
            tags = {**_key_tags(trained.key), "scorecard_hash": card_hash, "training_data_origin": origin}
            return self._store(client, name, trained, tags)

    def find(self, name: str, key: TrainingKey) -> ModelVersion | None:
        """The latest version trained from exactly this key, or None: ask before training again."""
        with _client(self.tracking_uri) as client:
            return _find(client, name, _key_tags(key))

    def promote(self, version: ModelVersion, alias: str = LIVE) -> None:
        """Point an alias at a version; the registry keeps no history of such moves, the caller does."""
        with _client(self.tracking_uri) as client:
            client.set_registered_model_alias(version.name, alias, str(version.version))

    def version_of(self, name: str, alias: str = LIVE) -> ModelVersion:
        """The version an alias points at; UnknownModelVersionError when it points nowhere."""
        from mlflow.exceptions import MlflowException

        with _client(self.tracking_uri) as client:
            try:
                return _version(client.get_model_version_by_alias(name, alias))
            except MlflowException as error:
                raise UnknownModelVersionError(name, f"@{alias}") from error

    def load_scorecard(self, name: str, wanted: int | str = LIVE) -> Scorecard:
        """The scorecard of a version number or an alias; UnknownModelVersionError when there is none."""
        from mlflow.exceptions import MlflowException

        version = self.version_of(name, wanted).version if isinstance(wanted, str) else wanted
        with _client(self.tracking_uri) as client:
            try:
                entry = client.get_model_version(name, str(version))
            except MlflowException as error:
                raise UnknownModelVersionError(name, str(version)) from error
            with TemporaryDirectory() as folder:
                file = client.download_artifacts(_version(entry).run_id, f"model/{SCORECARD_FILE}", folder)
                return Scorecard.from_json(Path(file).read_text(encoding="utf-8"))

    def _store(self, client: "MlflowClient", name: str, trained: TrainedModel, tags: dict[str, str]) -> ModelVersion:
        """Log one run with everything, then make it a version; a run cut short is no version and harms nobody."""
        run = client.create_run(self._experiment(client, name), tags=tags, run_name=f"{name} {trained.key.kind}")
        run_id = run.info.run_id
        for parameter, value in trained.parameters().items():
            client.log_param(run_id, parameter, value)
        for metric, number in trained.metrics.as_numbers().items():
            client.log_metric(run_id, metric, number)
        with TemporaryDirectory() as folder:
            _write_model(Path(folder), run_id, trained)
            client.log_artifacts(run_id, folder, "model")
        client.set_terminated(run_id)
        _ensure_registered(client, name)
        source = f"{run.info.artifact_uri}/model"
        return _version(client.create_model_version(name, source, run_id, tags=tags))

    def _experiment(self, client: "MlflowClient", name: str) -> str:
        known = client.get_experiment_by_name(name)
        if known:
            found: str = known.experiment_id
            return found
        place = (self.artifact_root / name).resolve().as_uri()
        made: str = client.create_experiment(name, artifact_location=place)
        return made


@contextmanager
def _client(tracking_uri: str) -> Iterator["MlflowClient"]:
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


def _key_tags(key: TrainingKey) -> dict[str, str]:
    return {
        "data_hash": key.data_hash,
        "feature_spec_hash": key.feature_spec_hash,
        "kind": key.kind,
        "seed": str(key.seed),
    }


def _find(client: "MlflowClient", name: str, tags: dict[str, str]) -> ModelVersion | None:
    wanted = [f"name = '{name}'", *(f"tags.{tag} = '{value}'" for tag, value in tags.items())]
    entries = [_version(entry) for entry in client.search_model_versions(" and ".join(wanted))]
    return max(entries, key=lambda entry: entry.version, default=None)


def _version(entry: Any) -> ModelVersion:
    return ModelVersion(entry.name, int(entry.version), entry.run_id)


def _ensure_registered(client: "MlflowClient", name: str) -> None:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)


def _write_model(folder: Path, run_id: str, trained: TrainedModel) -> None:
    """Lay out the files of a version: MLflow's description, the scorecard, the forest, the code that reads it."""
    (folder / SCORECARD_FILE).write_text(trained.scorecard.to_json(), encoding="utf-8")
    (folder / FOREST_FILE).write_text(trained.model.model_text(), encoding="utf-8")
    (folder / "MLmodel").write_text(_description(run_id, trained), encoding="utf-8")
    package = folder / "code" / "models"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""The part of the models package that reads a scorecard."""\n')
    for module in _PACKED_MODULES:
        code = resources.files("models").joinpath(f"{module}.py").read_text(encoding="utf-8")
        (package / f"{module}.py").write_text(code, encoding="utf-8")


def _description(run_id: str, trained: TrainedModel) -> str:
    """The MLmodel file: which module loads which file, and the named columns that go in."""
    import mlflow

    flavor = {
        "loader_module": "models.pyfunc_flavor",
        "python_version": platform.python_version(),
        "code": "code",
        "data": SCORECARD_FILE,
    }
    inputs = [{"name": name, "type": "double", "required": True} for name in trained.names]
    outputs = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]
    content = {
        "artifact_path": "model",
        "flavors": {"python_function": flavor},
        "mlflow_version": mlflow.__version__,
        "run_id": run_id,
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None},
        "metadata": {"data_hash": trained.key.data_hash, "scorecard_hash": trained.scorecard.content_hash()},
    }
    return yaml.safe_dump(content, sort_keys=False)
