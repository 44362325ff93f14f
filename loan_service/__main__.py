"""`python -m loan_service` is the `haixia` command."""

from loan_service.cli import main

main()
