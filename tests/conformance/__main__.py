"""Serve the conformance app over HTTPS on this machine.

    python -m tests.conformance [--port 40443] [--certificate FILE]

The key of the issuer and the certificate are made anew each time. FILE gets the certificate, for clients that must
trust it. What a W3C suite wants to be told is printed as its `localConfig.cjs`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn

from keys.signer import Ed25519Signer
from tests.conformance.app import Desk, create_app
from tests.conformance.proofs import SUITES, Issuer
from tests.conformance.tls import write_certificate


def local_config(desk: Desk) -> dict[str, Any]:
    """What the suites call an implementation: an endpoint for each thing that it can do, found by tags."""
    did, base = desk.issuer.did, desk.base_url
    issuers: list[dict[str, Any]] = [
        {"options": {"cryptosuite": suite}, "tags": [suite, *(["vc2.0"] if suite == SUITES[0] else [])]}
        for suite in SUITES
    ]
    issuers.append(
        {
            "options": {"credentialStatus": {"type": "BitstringStatusListEntry"}},
            "tags": ["BitstringStatusList"],
        }
    )
    tags = ["vc2.0", *SUITES, "BitstringStatusList"]
    return {
        "settings": {"enableInteropTests": False, "testAllImplementations": False},
        "implementations": [
            {
                "name": "certledger",
                "implementation": "certledger",
                "issuers": [{"id": did, "endpoint": f"{base}/credentials/issue", **each} for each in issuers],
                "verifiers": [{"id": did, "endpoint": f"{base}/credentials/verify", "tags": tags}],
                "vpVerifiers": [{"id": did, "endpoint": f"{base}/presentations/verify", "tags": tags}],
            }
        ],
    }


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description="It signs anything.")
    parser.add_argument("--port", type=int, default=40443)
    parser.add_argument("--certificate", type=Path, default=Path(tempfile.gettempdir()) / "conformance.pem")
    arguments = parser.parse_args()
    desk = Desk(Issuer(Ed25519Signer.generate()), f"https://localhost:{arguments.port}")
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        write_certificate(arguments.certificate, key)
        sys.stdout.write(
            f"issuer: {desk.issuer.did}\n"
            f"export NODE_EXTRA_CA_CERTS={arguments.certificate}\n"
            f"module.exports = {json.dumps(local_config(desk), indent=2)};\n"
        )
        sys.stdout.flush()
        uvicorn.run(
            create_app(desk),
            host="127.0.0.1",
            port=arguments.port,
            ssl_certfile=arguments.certificate,
            ssl_keyfile=key,
            log_level="warning",
        )


if __name__ == "__main__":
    main()
