"""``certledger``: found a ledger, serve it, give it commands, check it.

Exit codes: 0 done and well; 1 done, and something is wrong with what was looked at; 2 it could not be done.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; nothing but the house check happens before the packages are known to be ours."""
    from verifier.errors import Error
    from verifier.house import check_house

    try:
        check_house()
    except Error as error:
        print(f"certledger: {error.message}", file=sys.stderr)
        raise SystemExit(2) from None
    from api.commands import run

    run()


if __name__ == "__main__":
    main()
