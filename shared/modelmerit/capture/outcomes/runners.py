"""The names by which tests are run, and the words that may stand before them."""

import re

# fmt: off
RUNNERS = frozenset({
    "pytest", "py.test", "tox", "nox", "nose2", "trial", "green", "stestr", "unittest", "behave", "runtests.py",
    "jest", "vitest", "mocha", "ava", "tap", "jasmine", "karma", "cucumber", "rspec", "minitest",
    "phpunit", "pest", "paratest", "codecept", "ctest", "bats", "prove", "busted", "gotestsum", "ginkgo", "nextest",
})
"""Commands that do nothing but run tests."""

SUBCOMMANDS: dict[str, frozenset[str]] = {
    "artisan": frozenset({"test"}), "bazel": frozenset({"test"}), "bazelisk": frozenset({"test"}),
    "bun": frozenset({"test"}), "cabal": frozenset({"test"}), "cargo": frozenset({"test", "nextest", "t"}),
    "composer": frozenset({"test"}), "cypress": frozenset({"run"}), "dart": frozenset({"test"}),
    "deno": frozenset({"test"}), "dotnet": frozenset({"test", "vstest"}), "ember": frozenset({"test"}),
    "flutter": frozenset({"test"}), "forge": frozenset({"test"}), "go": frozenset({"test"}),
    "hardhat": frozenset({"test"}), "hatch": frozenset({"test"}), "lein": frozenset({"test"}),
    "manage.py": frozenset({"test"}), "meson": frozenset({"test"}), "mix": frozenset({"test"}),
    "mvn": frozenset({"test", "verify"}), "mvnw": frozenset({"test", "verify"}), "ng": frozenset({"test"}),
    "npm": frozenset({"test", "t", "tst"}), "nx": frozenset({"test", "e2e"}), "playwright": frozenset({"test"}),
    "pnpm": frozenset({"test", "t"}), "rails": frozenset({"test", "spec"}), "rake": frozenset({"test", "spec"}),
    "react-scripts": frozenset({"test"}), "sbt": frozenset({"test", "testOnly"}), "stack": frozenset({"test"}),
    "swift": frozenset({"test"}), "turbo": frozenset({"test"}), "xcodebuild": frozenset({"test"}),
    "yarn": frozenset({"test"}), "zig": frozenset({"test"}),
}
"""Commands that run tests among other things, and the words that say so."""

TARGETS = frozenset({"make", "gmake", "just", "gradle", "gradlew", "invoke", "inv"})
"""Commands whose every operand is a target."""

SCRIPTS = frozenset({"npm", "pnpm", "yarn", "bun", "composer", "task"})
"""Commands whose first operand is a script of the project's own."""

PREFIXES = {
    "env": 0, "sudo": 0, "nohup": 0, "npx": 0, "bunx": 0, "pnpx": 0, "uvx": 0, "xvfb-run": 0,
    "cross-env": 0, "dotenv": 0,
    "python": 0, "python3": 0, "php": 0, "ruby": 0, "node": 0, "stdbuf": 0, "timeout": 1, "gtimeout": 1,
}
"""Words that run the rest of the line, and how many operands of their own come first."""

TWO_WORD_PREFIXES = frozenset({
    ("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run"), ("rye", "run"),
    ("pixi", "run"),
    ("bundle", "exec"), ("npm", "exec"), ("pnpm", "exec"), ("pnpm", "dlx"), ("yarn", "exec"), ("yarn", "dlx"),
    ("bun", "x"), ("coverage", "run"), ("conda", "run"), ("mise", "exec"), ("direnv", "exec"),
})

CONTAINERS = frozenset({"docker", "docker-compose", "podman", "kubectl"})
CANNOT_FAIL = frozenset({"cd", "pushd", "source", ".", "export", "set", "echo", "clear", "sleep", "true", "pwd"})
"""Commands whose failure is no explanation for that of the line."""
SHELLS = frozenset({"bash", "sh", "zsh", "dash"})

VALUED = frozenset({
    "-n", "-p", "-C", "-w", "--with", "--python", "--package", "--group", "--extra", "--prefix", "--workspace",
    "--filter",
})
"""Options before the runner or its subcommand that take the next word."""

NO_RUN = frozenset({
    "--collect-only", "--co", "--version", "--help", "-h", "--list", "--listTests", "--list-tests", "--no-run",
    "-V", "-N",
    "--fixtures", "--markers", "-DskipTests", "-list", "--show-only", "--setup-plan", "--dry-run", "--init",
})
"""Options with which no test runs."""

EVERYTHING = frozenset({"run", ".", "./...", "..."})
"""Operands that choose nothing."""
# fmt: on

GRADLE_TASK = re.compile(r"(?:.*:)?(?:\w*[tT]est|check)$")
SCRIPT = re.compile(r"(?:.*[:_./-])?(?:tests?|check|e2e|spec|vitest|jest|mocha|pytest|unit|integration)(?:[:_.-].*)?$")
"""How scripts and targets that run tests are called, unless `NO_TEST` finds another purpose in the name."""
NO_TEST = re.compile(r"lint|type|fmt|format|style|build|watch|install|clean|setup|docs?\b|tsc|updat|deps|version")
