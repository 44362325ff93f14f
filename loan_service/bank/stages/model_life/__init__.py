"""A model's life after its training: tested, reviewed by somebody else, live, retired; every move kept with its why."""

from loan_service.bank.stages.model_life.acts import Act, Follow, promote, record_test, retire, review, shadow
from loan_service.bank.stages.model_life.evidence import run_test
from loan_service.bank.stages.model_life.papers import close_finding, file_assessment, raise_finding
from loan_service.bank.stages.model_life.rollback import roll_back

__all__ = [
    "Act",
    "Follow",
    "close_finding",
    "file_assessment",
    "promote",
    "raise_finding",
    "record_test",
    "retire",
    "review",
    "roll_back",
    "run_test",
    "shadow",
]
