"""Trained models in a real MLflow database: once in, found again, promoted, and out to the byte."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from models.candidates import expert_candidate, key_tags, trained_candidate
from models.code_version import code_version, source_digest
from models.errors import UnknownModelVersionError
from models.expert_card_loader import load_expert_card
from models.pyfunc_flavor import _load_pyfunc
from models.registered_samples import registered_sample
from models.registry import ModelVersion, Registry, _place, open_client
from models.training import TrainedModel

NAME = "island_rural.baseline"


@pytest.fixture(scope="module")
def registry(server_url: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with a database of its own on the run's server."""
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    database = f"mlflow_test_{worker_id}"
    maintenance = create_engine(url, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {database}"))
        connection.execute(text(f"CREATE DATABASE {database}"))
    uri = url.set(database=database).render_as_string(hide_password=False)
    yield Registry(uri, tmp_path_factory.mktemp("artifacts"))
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {database}"))  # fails if a connection were left open
    maintenance.dispose()


@pytest.fixture(scope="module")
def version(registry: Registry, baseline: TrainedModel) -> ModelVersion:
    return registry.register(NAME, trained_candidate(baseline))


def test_registering_the_same_model_again_gives_the_same_version(
    registry: Registry, version: ModelVersion, baseline: TrainedModel
) -> None:
    assert version.version == 1
    assert registry.register(NAME, trained_candidate(baseline)) == version


def test_another_model_gets_the_next_version(registry: Registry, version: ModelVersion, baseline: TrainedModel) -> None:
    other = replace(baseline, key=replace(baseline.key, seed=baseline.key.seed + 1))
    assert registry.register(NAME, trained_candidate(other)).version == version.version + 1


def test_a_trained_model_is_found_by_what_it_was_trained_from(
    registry: Registry, version: ModelVersion, baseline: TrainedModel, full: TrainedModel
) -> None:
    assert registry.find(NAME, key_tags(baseline)) == version
    assert registry.find(NAME, key_tags(full)) is None
    assert registry.find("no.such.model", key_tags(baseline)) is None


def test_an_alias_moves_where_it_is_told_and_loads_the_card_to_the_byte(
    registry: Registry, version: ModelVersion, baseline: TrainedModel
) -> None:
    registry.promote(version)
    assert registry.version_of(NAME) == version
    for wanted in ("live", version.version):
        assert registry.load_scorecard(NAME, wanted).to_json() == baseline.scorecard.to_json()


def test_an_alias_is_noted_once_it_points_and_an_object_store_notes_nothing(
    registry: Registry, version: ModelVersion
) -> None:
    registry.point(version.name, str(version.version), "noted")
    assert registry.is_noted(version.name, str(version.version), "noted")
    assert not registry.is_noted(version.name, str(version.version + 1), "noted")
    assert not registry.is_noted(version.name, str(version.version), "never")
    afar = Registry(registry.tracking_uri, "s3://somewhere/models")
    assert not afar.is_noted(version.name, str(version.version), "noted")


@pytest.mark.parametrize(("name", "wanted"), [(NAME, "retired"), (NAME, 99), ("no.such.model", "live")])
def test_what_the_registry_does_not_have_is_named(
    registry: Registry, version: ModelVersion, name: str, wanted: int | str
) -> None:
    assert version.name == NAME
    with pytest.raises(UnknownModelVersionError) as caught:
        registry.load_scorecard(name, wanted)
    assert caught.value.name == name


def test_the_run_keeps_parameters_metrics_hashes_and_the_origin_of_the_data(
    registry: Registry, version: ModelVersion, baseline: TrainedModel
) -> None:
    with open_client(registry.tracking_uri) as client:
        run, entry = client.get_run(version.run_id), client.get_model_version(NAME, str(version.version))
    assert run.info.status == "FINISHED"
    assert run.data.params["leaves"] == str(baseline.model.trial_.setting.leaves)
    assert run.data.metrics["auc"] == pytest.approx(baseline.metrics.auc.estimate)
    for tags in (run.data.tags, entry.tags):
        assert tags["training_data_origin"] == "simulated"
        assert tags["data_hash"] == baseline.key.data_hash
        assert tags["scorecard_hash"] == baseline.scorecard.content_hash()


def test_a_version_keeps_its_rows_its_evidence_and_its_pictures(
    registry: Registry, version: ModelVersion, baseline: TrainedModel
) -> None:
    assert registry.load_sample(NAME, version.version).equals(baseline.sample.loans)
    assert json.loads(registry.read(NAME, "1", "evidence.json"))["trials"]
    for picture in ("reliability", "separation"):
        assert registry.read(NAME, 1, f"plots/{picture}.svg").startswith(b"<svg")
    with open_client(registry.tracking_uri) as client:
        assert client.get_run(version.run_id).data.tags["code_version"] == code_version()
    sample = registered_sample(registry, NAME, "1", "baseline")
    assert sample.content_hash == baseline.sample.content_hash
    assert registered_sample(registry, NAME, "1", "baseline") is sample


def test_a_file_attached_later_is_kept_and_can_be_replaced(registry: Registry, version: ModelVersion) -> None:
    for content in (b"one", b"two"):
        registry.attach(NAME, version.version, {"dossier/page.html": content})
        assert registry.read(NAME, version.version, "dossier/page.html") == content
    with pytest.raises(UnknownModelVersionError):
        registry.read(NAME, version.version, "dossier/nothing.html")


def test_an_expert_card_is_a_version_beside_the_trained_ones(registry: Registry, version: ModelVersion) -> None:
    signed = load_expert_card("island_rural")
    candidate = expert_candidate(signed.scorecard, signed.parameters)
    expert = registry.register(NAME, candidate)
    assert expert.version > version.version
    assert registry.register(NAME, candidate) == expert
    assert registry.load_scorecard(NAME, expert.version).to_json() == signed.scorecard.to_json()
    with pytest.raises(UnknownModelVersionError):
        registry.load_sample(NAME, expert.version)


def test_files_may_lie_in_an_object_store(baseline: TrainedModel) -> None:
    assert _place("s3://bucket/models/", NAME) == f"s3://bucket/models/{NAME}"
    assert _place(Path("/tmp/models"), NAME) == f"file:///tmp/models/{NAME}"  # noqa: S108


def test_the_code_version_names_release_and_sources() -> None:
    release, _, rest = code_version().partition("+")
    assert release
    assert source_digest()[:12] in rest


def test_the_files_of_a_version_are_text_and_serve_through_mlflow_s_protocol(
    registry: Registry, version: ModelVersion, baseline: TrainedModel, values: np.ndarray
) -> None:
    folder = Path(registry.artifact_root) / NAME / version.run_id / "artifacts" / "model"
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib", ".cloudpickle"}]
    flavor = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]["python_function"]
    assert flavor["loader_module"] == "models.pyfunc_flavor"
    served = _load_pyfunc(str(folder / flavor["data"])).predict(dict(zip(baseline.names, values.T, strict=True)))
    assert served.tobytes() == baseline.scorecard.default_probability(values).tobytes()
    forest = [path.read_text() for path in sorted((folder.parent / "forest").iterdir())]
    assert forest == [text for member in baseline.members for text in member]


def test_the_packed_code_reads_the_card_without_this_project(
    registry: Registry, version: ModelVersion, baseline: TrainedModel, values: np.ndarray, tmp_path: Path
) -> None:
    import subprocess
    import sys

    folder = Path(registry.artifact_root) / NAME / version.run_id / "artifacts" / "model"
    np.save(tmp_path / "values.npy", values)
    program = (
        "import sys, numpy\n"
        f"sys.path.insert(0, {str(folder / 'code')!r})\n"
        "from models.pyfunc_flavor import _load_pyfunc, __file__ as place\n"
        f"assert place.startswith({str(folder)!r}), place\n"
        f"model = _load_pyfunc({str(folder / 'scorecard.json')!r})\n"
        f"rows = numpy.load({str(tmp_path / 'values.npy')!r})\n"
        "served = model.predict(dict(zip(model.scorecard.names, rows.T)))\n"
        "sys.stdout.write(served.tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert bytes.fromhex(done.stdout) == baseline.scorecard.default_probability(values).tobytes()
