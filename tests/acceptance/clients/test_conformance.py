"""The protocol's conformance suites: both servers, started over HTTP for this alone, fail only what needs fixtures."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RELEASED, NEXT = "@modelcontextprotocol/conformance", "conformance-next"


@pytest.fixture(params=["task-dispatcher", "model-learning-analyzer"])
def url(clients, home, request, tmp_path, patience_s: float = 60) -> Iterator[str]:
    """The endpoint of a server of the test's own, on an empty home."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = tmp_path / "said"
    with said.open("wb") as output:
        command = [sys.executable, HERE.parent / "http_server.py", request.param, str(port)]
        server = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        end = time.monotonic() + patience_s
        while not _listens(port):
            assert server.poll() is None, said.read_text()
            assert time.monotonic() < end, f"not up within {patience_s:g} s: {said.read_text()}"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("suite", "scope", "baseline"),
    [
        (RELEASED, ("--suite", "all"), "conformance-0.1.16.yml"),
        (NEXT, ("--requirements", "2025-11-25"), "conformance-2025-11-25.yml"),
        (NEXT, ("--requirements", "2026-07-28"), "conformance-2026-07-28.yml"),
    ],
    ids=["released", "2025-11-25", "2026-07-28"],
)
def test_only_what_the_baseline_names_fails_and_all_of_it_does(clients, url, tmp_path, suite, scope, baseline):
    results = tmp_path / "results"
    judged = clients.run(
        suite, "conformance", "server", "--url", url, *scope, "--expected-failures", HERE / baseline, "-o", results
    )
    verdict = judged.stdout.partition("=== SUMMARY ===")[2]
    assert judged.returncode == 0, f"{verdict or judged.stdout}{judged.stderr}\n{reasons(results)}"
    assert "all failures are expected" in verdict


def reasons(results: Path) -> str:
    """Why each check failed that did, the expected ones too."""
    checks = [check for path in sorted(results.rglob("checks.json")) for check in json.loads(path.read_text())]
    failed = [check for check in checks if check["status"] in ("FAILURE", "WARNING")]
    return "\n".join(f"{check['id']}: {check.get('errorMessage', 'no reason given')}" for check in failed)
