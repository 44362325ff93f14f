"""From an edition's files to an edition in force: proposed by one, approved by another, backed out by one command.

    files -> examined (checks, cases, impact assessment) -> proposed -> approved -> in force -> perhaps backed out

Each act is one transaction that appends rows and a leaf of the log; what was appended is never changed. An act done
twice changes nothing.
"""

from loan_service.district.stages.rulebooks.acts import approve, back_out, publish
from loan_service.district.stages.rulebooks.examination import CasesRun, Examination
from loan_service.district.stages.rulebooks.shipped import publish_shipped

__all__ = ["CasesRun", "Examination", "approve", "back_out", "publish", "publish_shipped"]
