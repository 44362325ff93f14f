"""From a policy file to the policy a bank prices by: proposed by one, approved by another, backed out by one command.

The life is that of rulebooks (`foundation.editions`), a series per bank; the LPR tables that price beside the policies
are entered here too.
"""

from loan_service.bank.stages.policies.acts import approve, back_out, publish
from loan_service.bank.stages.policies.examination import Examination
from loan_service.bank.stages.policies.lpr import enter_lpr
from loan_service.bank.stages.policies.shipped import publish_shipped

__all__ = ["Examination", "approve", "back_out", "enter_lpr", "publish", "publish_shipped"]
