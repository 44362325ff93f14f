"""A bank node's REST resources."""

from loan_service.bank.api.applications import router as applications
from loan_service.bank.api.certificates import router as certificates
from loan_service.bank.api.contracts import router as contracts
from loan_service.bank.api.offers import router as offers
from loan_service.bank.api.portfolio import router as portfolio
from loan_service.bank.api.report import router as report

# The report's fixed address comes before addresses that begin with a bank's code.
routers = (report, certificates, offers, applications, contracts, portfolio)

__all__ = ["routers"]
