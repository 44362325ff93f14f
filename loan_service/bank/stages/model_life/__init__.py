"""A model's life after its training: tested, reviewed by somebody else, live, retired; every move kept with its why."""

from loan_service.bank.stages.model_life.acts import Act, Follow, promote, record_test, retire, review, shadow
from loan_service.bank.stages.model_life.rollback import roll_back

__all__ = ["Act", "Follow", "promote", "record_test", "retire", "review", "roll_back", "shadow"]
