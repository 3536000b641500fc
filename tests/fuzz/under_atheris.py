"""One fuzzer's process: `python -m tests.fuzz.under_atheris TARGET MATERIAL [libFuzzer's flags and folders]`.

Only the verifier is watched for coverage; what it builds on is other people's.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Fuzz until libFuzzer's flags say stop, or something is found."""
    atheris: Any = importlib.import_module("atheris")
    name, folder = sys.argv[1:3]
    with atheris.instrument_imports(include=["verifier"]):
        made = importlib.import_module("tests.fuzz.targets")
    material = importlib.import_module("tests.fuzz.material").Material(Path(folder))
    atheris.Setup([sys.argv[0], *sys.argv[3:]], made.targets(material)[name].throw)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
