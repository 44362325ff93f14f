"""The rows of a registered version as a sample again: read once per process, because a version never changes."""

from functools import lru_cache

from models.feature_spec import declared_features
from models.registry import Registry
from models.samples import Sample, sample_of


@lru_cache(maxsize=3)
def registered_sample(registry: Registry, name: str, version: str, kind: str) -> Sample:
    """The sample of a version, by its number.

    Args:
        registry: Where it is registered.
        name: Registered model.
        version: The registry's number, never an alias: an alias moves.
        kind: `baseline` or `full`: whose features are made.

    Raises:
        UnknownModelVersionError: There is no such version, or it keeps no rows.
    """
    spec = declared_features("full" if kind == "full" else "baseline")
    return sample_of(registry.load_sample(name, version), spec)
