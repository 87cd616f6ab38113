"""Print everything: the tests marked `epreuve`, too long for the suite, and what they found."""

import pytest


def main(options):
    """(text, whether all passed); `--seulement` chooses by a word of the test's name."""
    chosen = ["-k", options.seulement] if options.seulement else []
    code = pytest.main(["-q", "-n", "0", "-m", "epreuve", "tests/e2e/test_papier.py", *chosen])
    good = code == pytest.ExitCode.OK
    found = "Tout s’imprime entier." if good else "Des pages perdent quelque chose."
    return f"# Papier\n\n{found}\n", good
