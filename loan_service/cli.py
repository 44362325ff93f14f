"""The `haixia` command line."""


def main() -> None:
    """Runs the command line."""
