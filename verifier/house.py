"""Are the four packages of the project the ones that were installed together?

Two of them have names that others use as well: `api` and `keys`. In a site-packages folder that is shared
with another project, or with a stray folder on the path, Python takes whichever it meets first, and half of
this program would then be somebody else's. Both commands call `check_house()` before they do anything, and
refuse to start when

- one of the four packages is missing, or is a bare folder without `__init__.py`;
- they do not all lie in the folder in which this one lies;
- the installer's record says that another `__init__.py` was put there (a later install wrote over it).

It asks the import system where a package would come from and imports none of them. It keeps no attacker out:
whoever can write into the folder can also change this file. Why the packages have these names, and what else
keeps them apart: docs/adr/0002-package-names.md.
"""

import base64
import hashlib
import importlib.metadata
import importlib.util
from pathlib import Path

from verifier.errors import Error

PACKAGES = ("verifier", "keys", "ledger", "api")
DISTRIBUTION = "certledger"

_HINT = (
    "install certledger into an environment of its own (scripts/demo makes one; so do python -m venv and "
    "pipx), and leave PYTHONPATH unset"
)


class HouseError(Error):
    """The packages that would be imported are not all this project's."""

    def __init__(self, message: str) -> None:
        super().__init__("PACKAGES_MIXED", message, _HINT)


def check_house() -> None:
    """Return if the four packages are of one installation, raise `HouseError` if not."""
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        init = _init_file(name)
        if init is None:
            raise HouseError(f"the package {name} is missing beside {home / 'verifier'}")
        if init.parent.parent != home:
            raise HouseError(f"the package {name} comes from {init.parent}, not from {home / name}")
    _check_record(home)


def _init_file(name: str) -> Path | None:
    """Say which file `import name` would run; None when there is no such package."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # a module of that name is loaded, but was not found on the path
        return None
    if spec is None or spec.origin is None:  # None as origin: a folder without __init__.py
        return None
    return Path(spec.origin).resolve()


def _check_record(home: Path) -> None:
    """Compare the `__init__.py` files with the installer's record; an editable install records none."""
    try:
        recorded = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        return
    wanted = {f"{name}/__init__.py" for name in PACKAGES}
    for file in recorded:
        if str(file) not in wanted or file.hash is None or file.hash.mode != "sha256":
            continue
        path = Path(str(file.locate())).resolve()
        if path != home / str(file):
            continue  # the record is of another installation than the one that runs
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
        if digest != file.hash.value:
            raise HouseError(f"{path} is not the file that was installed with certledger")
