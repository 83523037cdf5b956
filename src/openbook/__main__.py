"""The ``openbook`` command's own start, also as ``python -m openbook``: so early that even Ctrl-C finds it ready."""

import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from openbook.cli.main import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
