"""``python -m openbook``: the same as the ``openbook`` command."""

from openbook.cli.main import run

run()
