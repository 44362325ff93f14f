"""Bank data becomes a probability, and a probability becomes terms: the bank wing's arithmetic, without a database.

The flow through this package:

    household columns -> features -> scorecard -> calibrated default probability, reasons -> policy -> offer
                            |            ^
    past loans -> features -+-> training-+   (LightGBM, two features per path, compiled leaf by leaf)
                                   |
                               registry     (MLflow: versions, aliases, the files of each version)

Importing this package loads neither LightGBM, nor MLflow, nor scikit-learn: a serving process reads scorecard files.
Training and the registry are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.errors import ModelsError
from models.feature_spec import GRADES, SECTORS, Declaration, FeatureSpec, Kind, declared_features
from models.features import FeatureMatrix, make_features
from models.loader import load_scorecard, save_scorecard
from models.offers import Offers
from models.policy import Policy
from models.policy_loader import PolicyEdition, load_policy
from models.preapproval import preapprove
from models.scorecard import Scorecard
from models.terms import explain_terms

if TYPE_CHECKING:
    from models.default_risk import DefaultRiskModel
    from models.registry import ModelVersion, Registry
    from models.training import BankModels, TrainedModel, TrainingKey, train, train_bank, training_key

__all__ = [
    "GRADES",
    "SECTORS",
    "BankModels",
    "Declaration",
    "DefaultRiskModel",
    "FeatureMatrix",
    "FeatureSpec",
    "Kind",
    "ModelVersion",
    "ModelsError",
    "Offers",
    "Policy",
    "PolicyEdition",
    "Registry",
    "Scorecard",
    "TrainedModel",
    "TrainingKey",
    "declared_features",
    "explain_terms",
    "load_policy",
    "load_scorecard",
    "make_features",
    "preapprove",
    "save_scorecard",
    "train",
    "train_bank",
    "training_key",
]

_ON_FIRST_USE = {
    "BankModels": "models.training",
    "DefaultRiskModel": "models.default_risk",
    "ModelVersion": "models.registry",
    "Registry": "models.registry",
    "TrainedModel": "models.training",
    "TrainingKey": "models.training",
    "train": "models.training",
    "train_bank": "models.training",
    "training_key": "models.training",
}


if not TYPE_CHECKING:  # a checker reads the imports above and catches misspelt names

    def __getattr__(name: str) -> Any:
        """Import what trains or registers only when it is asked for."""
        if name not in _ON_FIRST_USE:
            raise AttributeError(f"module 'models' has no attribute {name!r}")
        return getattr(import_module(_ON_FIRST_USE[name]), name)
