import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.outcomes.seen_tests import read_test_run

PYTEST_PASSED = "tests/test_a.py ....              [100%]\n\n============ 4 passed, 1 warning in 0.31s ============"
PYTEST_FAILED = (
    "=========== short test summary info ===========\nFAILED tests/test_a.py::test_x - assert 1 == 2\n"
    "========== 1 failed, 3 passed in 0.42s =========="
)
JEST_PASSED = "Test Suites: 2 passed, 2 total\nTests:       9 passed, 9 total\nSnapshots:   0 total\nTime:        1.8 s"
JEST_FAILED = "Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 failed, 8 passed, 9 total\nTime:        2.1 s"


def passed(command: str, output: str = "", failed: bool | None = None) -> bool | None:
    run = read_test_run(command, output, failed)
    return None if run is None else run.passed


@pytest.mark.parametrize(
    "command",
    [
        "pytest",
        "python -m pytest -q tests/test_a.py",
        ".venv/bin/pytest -x",
        "uv run --with hypothesis pytest",
        "cd /repo && PYTHONPATH=. python3.11 -m pytest tests 2>&1",
        "timeout 60 poetry run pytest -k 'a or b'",
        "coverage run -m pytest",
        "python -m unittest discover -s tests",
        "python manage.py test shop",
        "tox -e py311",
        "nox -s tests",
        "npm test",
        "npm t",
        "npm run test:unit -- --coverage",
        "npm --prefix web run test",
        "yarn test",
        "yarn workspace web test",
        "pnpm --filter web test",
        "pnpm run e2e",
        "bun test",
        "npx jest --ci",
        "npx --yes vitest run",
        "node_modules/.bin/mocha spec",
        "node --test",
        "npx playwright test",
        "cargo test --workspace",
        "cargo nextest run",
        "go test ./...",
        "make test",
        "make -C core lint check",
        "./gradlew :app:testDebugUnitTest check",
        "mvn -q test",
        "./mvnw verify",
        "dotnet test Shop.sln",
        "bundle exec rspec spec/models",
        "bin/rails test",
        "vendor/bin/phpunit",
        "php artisan test",
        "ctest --output-on-failure",
        "mix test",
        "swift test",
        "deno test -A",
        "flutter test",
        "docker compose run --rm app pytest -q",
        "docker exec -it web npm test",
        "bash -c 'cd web && npm test'",
        "cat <<EOF > a.txt\nnothing\nEOF\npytest",
    ],
)
def test_a_run_of_tests_passes_by_its_exit_status(command: str) -> None:
    assert passed(command, "", False) is True


@pytest.mark.parametrize(
    "command",
    [
        "ruff check . && mypy",
        "npm run lint",
        "npm run test:types",
        "npm run build",
        "npm install --save-dev jest",
        "yarn add vitest",
        "pip install pytest",
        "cargo build",
        "cargo check",
        "cargo test --no-run",
        "go vet ./...",
        "go build ./...",
        "tsc --noEmit",
        "pytest --collect-only",
        "pytest --version",
        "grep -rn pytest .",
        "echo 'run pytest'",
        "cat tests/test_a.py",
        "git commit -m 'npm test passes'",
        "ls test",
        "mvn package -DskipTests",
        "./gradlew build",
        "dotnet build",
        "cat > run.sh <<'EOF'\npytest\nEOF",
        "vim pytest.ini",
        "make install-test-deps",
        "",
    ],
)
def test_what_runs_no_tests_says_nothing(command: str) -> None:
    assert passed(command, PYTEST_PASSED, False) is None
    assert passed(command, PYTEST_FAILED, True) is None


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("pytest", PYTEST_PASSED, True),
        ("pytest", PYTEST_FAILED, False),
        ("pytest -q", "....F\n1 failed, 4 passed in 0.02s", False),
        ("pytest -q", "\x1b[32m5 passed\x1b[0m\x1b[32m in 0.02s\x1b[0m", True),
        ("pytest", "=========== 2 errors in 0.50s ===========", False),
        ("python -m unittest", "..\n----------\nRan 2 tests in 0.001s\n\nOK", True),
        ("python -m unittest", "F.\n----------\nRan 2 tests in 0.001s\n\nFAILED (failures=1)", False),
        ("tox", "  py311: OK (4.1=setup[2.0]+cmd[2.1] seconds)\n  congratulations :) (4.2 seconds)", True),
        ("tox", "  py311: FAIL code 1 (3.1 seconds)\n  evaluation failed :( (3.2 seconds)", False),
        ("nox", "nox > Session tests was successful.", True),
        ("nox", "nox > Session tests failed.", False),
        ("npx jest", JEST_PASSED, True),
        ("npm test", JEST_FAILED, False),
        ("npx vitest run", " Test Files  3 passed (3)\n      Tests  12 passed (12)\n   Duration  1.20s", True),
        ("npx vitest run", " Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 11 passed (12)", False),
        ("npx mocha", "  12 passing (45ms)\n", True),
        ("npx mocha", "  11 passing (45ms)\n  1 failing\n\n  1) adds:\n", False),
        ("node --test", "# tests 3\n# pass 3\n# fail 0\n", True),
        ("node --test", "\u2139 tests 3\n\u2139 pass 2\n\u2139 fail 1\n", False),
        ("bun test", " 3 pass\n 0 fail\n 6 expect() calls\nRan 3 tests across 1 files. [12.00ms]", True),
        ("bun test", " 2 pass\n 1 fail\nRan 3 tests across 1 files.", False),
        ("npx playwright test", "  3 passed (4.2s)", True),
        ("npx playwright test", "  1 failed\n    a.spec.ts:3:1: adds\n  2 passed (4.2s)", False),
        (
            "cargo test",
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            True,
        ),
        (
            "cargo test",
            "test result: ok. 5 passed; 0 failed\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored",
            False,
        ),
        ("cargo nextest run", "     Summary [   0.1s] 5 tests run: 5 passed, 0 skipped", True),
        ("cargo nextest run", "     Summary [   0.1s] 5 tests run: 4 passed, 1 failed, 0 skipped", False),
        ("go test ./...", "ok  \texample.com/a\t0.005s\n?   \texample.com/b\t[no test files]", True),
        ("go test ./...", "ok  \texample.com/a\t(cached)", True),
        ("go test ./...", "--- FAIL: TestX (0.00s)\n    a_test.go:5: no\nFAIL\nFAIL\texample.com/a\t0.004s", False),
        ("./gradlew test", "BUILD SUCCESSFUL in 4s\n5 actionable tasks: 2 executed", True),
        ("./gradlew test", "12 tests completed, 1 failed\n\n> Task :test FAILED\n\nBUILD FAILED in 3s", False),
        ("mvn test", "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0\n[INFO] BUILD SUCCESS", True),
        ("mvn test", "[ERROR] Tests run: 5, Failures: 1, Errors: 0, Skipped: 0\n[INFO] BUILD FAILURE", False),
        ("dotnet test", "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5, Duration: 9 ms", True),
        ("dotnet test", "Failed!  - Failed:     1, Passed:     4, Skipped:     0, Total:     5", False),
        ("rspec", "Finished in 0.01 seconds\n5 examples, 0 failures", True),
        ("rspec", "5 examples, 1 failure, 1 pending", False),
        ("bin/rails test", "8 runs, 16 assertions, 0 failures, 0 errors, 0 skips", True),
        ("bin/rails test", "8 runs, 16 assertions, 1 failures, 0 errors, 0 skips", False),
        ("vendor/bin/phpunit", "OK (5 tests, 9 assertions)", True),
        ("vendor/bin/phpunit", "FAILURES!\nTests: 5, Assertions: 9, Failures: 1.", False),
        ("php artisan test", "  Tests:    1 failed, 5 passed (12 assertions)", False),
        ("ctest", "100% tests passed, 0 tests failed out of 7\n\nTotal Test time (real) =   0.02 sec", True),
        ("ctest", "86% tests passed, 1 tests failed out of 7", False),
        ("mix test", "Finished in 0.03 seconds\n5 tests, 0 failures", True),
        ("mix test", "1 doctest, 5 tests, 1 failure", False),
        ("swift test", "\t Executed 5 tests, with 0 failures (0 unexpected) in 0.012 (0.013) seconds", True),
        ("swift test", "\t Executed 5 tests, with 1 failure (0 unexpected) in 0.012 (0.013) seconds", False),
        ("deno test", "ok | 5 passed | 0 failed (12ms)", True),
        ("deno test", "FAILED | 4 passed | 1 failed (12ms)", False),
        ("xcodebuild test", "** TEST FAILED **", False),
        ("flutter test", "00:03 +5: All tests passed!", True),
        ("make test", PYTEST_FAILED, False),
        ("pytest", "Killed", None),
    ],
)
def test_without_an_exit_status_the_summary_decides(command: str, output: str, expected: bool | None) -> None:
    assert passed(command, output, None) is expected


@pytest.mark.parametrize(
    "command",
    [
        "pytest | tail -5",
        "pytest 2>&1 | head",
        "pytest || true",
        "pytest; echo done",
        "pytest & wait",
        "pytest |& tee log",
    ],
)
def test_a_status_that_is_not_that_of_the_tests_says_nothing(command: str) -> None:
    assert passed(command, PYTEST_FAILED, False) is False
    assert passed(command, PYTEST_PASSED, False) is True
    assert passed(command, "...", False) is None


def test_with_pipefail_the_status_is_that_of_the_tests() -> None:
    assert passed("set -o pipefail; pytest | tail -5", "...", False) is True


def test_success_of_a_chain_is_success_of_its_tests() -> None:
    assert passed("npm run build && npm test && npm run deploy", "", False) is True


def test_failure_of_a_chain_is_that_of_its_tests_only_if_nothing_else_may_have_failed() -> None:
    assert passed("cd web && npm test", "", True) is False
    assert passed("npm run build && npm test", "error in the build", True) is None
    assert passed("npm run build && npm test", JEST_FAILED, True) is False
    assert passed("npm test && npm run deploy", JEST_PASSED, True) is True


def test_a_failing_status_outweighs_a_summary_that_passed() -> None:
    # A coverage gate, for instance: every test passed, and the run failed.
    assert passed("pytest --cov --cov-fail-under=90", PYTEST_PASSED, True) is False


@pytest.mark.parametrize(
    ("command", "output", "failed"),
    [
        ("pytest -k nothing", "======= 5 deselected in 0.01s =======\ncollected 0 items\n", True),
        ("pytest", "============ no tests ran in 0.01s ============", True),
        ("python -m unittest", "Ran 0 tests in 0.000s\n\nNO TESTS RAN", True),
        ("npx jest --passWithNoTests", "No tests found, exiting with code 0", False),
        ("npx vitest run", "No test files found, exiting with code 1", True),
        ("go test ./...", "?   \texample.com/b\t[no test files]", False),
        ("go test -run None ./...", "ok  \texample.com/a\t0.005s [no tests to run]", False),
        ("cargo test none", "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 4 filtered out", False),
        ("./gradlew test", "> Task :test NO-SOURCE\n\nBUILD SUCCESSFUL in 1s", False),
        ("npx mocha", "  0 passing (1ms)", False),
        ("vendor/bin/phpunit", "No tests executed!", False),
        ("ctest", "No tests were found!!!", False),
        ("pytest", "bash: pytest: command not found", True),
        ("python -m pytest", "/usr/bin/python: No module named pytest", True),
        ("npm test", 'npm error Missing script: "test"', True),
        ("make test", "make: *** No rule to make target 'test'.  Stop.", True),
        ("npm test", "Command timed out after 2m 0.0s", True),
    ],
)
def test_a_run_in_which_no_test_ran_says_nothing(command: str, output: str, failed: bool) -> None:
    assert passed(command, output, failed) is None


def test_the_tests_that_were_chosen_tell_suites_apart() -> None:
    def suites(command: str) -> object:
        run = read_test_run(command, "", False)
        assert run is not None
        return run.suites

    assert suites("pytest -q tests/unit") != suites("pytest tests/e2e")
    assert suites("pytest -q") == suites("python -m pytest -x 2>&1")
    assert suites("go test ./...") == suites("go test -race ./...")
    assert suites("npm run test:unit") != suites("npm run test:e2e")


@given(st.text(), st.text(), st.sampled_from([True, False, None]))
def test_any_text_is_read_without_an_error(command: str, output: str, failed: bool | None) -> None:
    read_test_run(command, output, failed)


@given(
    st.lists(st.sampled_from(["pytest", "'", '"', "|", "&&", ";", "\n", "<<A", "\\", "docker", "npm", "-n", "$(", ")"]))
)
def test_any_line_of_shell_words_is_read_without_an_error(words: list[str]) -> None:
    read_test_run(" ".join(words), "1 passed in 1s", None)


@pytest.mark.parametrize(
    "unit", ["1 passed ", "docker ", "'", '"\\', "Tests: 1 ", "ok a ", "<<A\n", "uv run ", " ", "\n", "1 tests: "]
)
def test_of_a_hostile_text_only_the_ends_that_matter_are_read(unit: str) -> None:
    # A pattern that backtracks over the whole of a million characters would not come back.
    hostile = unit * 100_000
    read_test_run(hostile, hostile, None)
    assert passed("pytest\n" + hostile, hostile + "\n1 failed in 0.01s", None) is False
