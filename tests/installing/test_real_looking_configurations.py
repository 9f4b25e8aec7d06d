"""Configurations as people have them: installing keeps every byte of theirs, uninstalling gives all of them back."""

import json
import tomllib
from pathlib import Path

import pytest

from modelmerit.installing.jsonc import read
from modelmerit.installing.jsonc_text import put

MCP = {
    "other servers": """{
  "mcpServers": {
    "github": {
      "type": "http",
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"}
    },
    "postgres": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-postgres", "postgresql://localhost/db"]}
  }
}
""",
    "comments": """// shared by the team
{
  // the servers we all use
  "mcpServers": {
    "github": {"command": "github-mcp"}, // needs a token
    /* "sentry": {"command": "sentry-mcp"}, */
    "linear": {"command": "linear-mcp"} // last one
    // "off": {"command": "off"}
  } // end
}
// the end""",
    "trailing commas": """{
  "mcpServers": {
    "github": {"command": "github-mcp",},
  },
}
""",
    "tabs": '{\n\t"mcpServers": {\n\t\t"github": {\n\t\t\t"command": "github-mcp"\n\t\t}\n\t}\n}\n',
    "CRLF": '{\r\n    "mcpServers": {\r\n        "github": {"command": "github-mcp"}\r\n    },\r\n    "x": 1\r\n}\r\n',
    "no trailing newline": '{\n  "mcpServers": {}\n}',
    "one line": '{"mcpServers":{"github":{"command":"github-mcp"}}}',
    "byte order mark": '\N{ZERO WIDTH NO-BREAK SPACE}{\n  "mcpServers": {"a": {"command": "b"}}\n}\n',
    "empty file": "",
    "blank file": "\n\n",
    "empty object": "{}",
    "older installation": """{
  "mcpServers": {
    "task-dispatcher": {
      "type": "stdio", // pasted from the README
      "command": "/old/modelmerit/.venv/bin/task-dispatcher",
      "env": {"MODELMERIT_HOME": "/old/home", "TERM": "dumb"},
      "timeout": 60000
    },
    "github": {"command": "github-mcp"},
    "model-learning-analyzer": {"command": "python", "args": ["-m", "model_learning_analyzer"]}
  }
}
""",
    "a client's own state": json.dumps(
        {
            "numStartups": 214,
            "tipsHistory": {"shift-enter": 9},
            "projects": {"/home/ada/web": {"allowedTools": [], "mcpServers": {"x": {"command": "y"}}}},
            "oauthAccount": {"emailAddress": "ada@example.org", "organizationName": "Zażółć gęślą jaźń"},
        },
        indent=2,
        ensure_ascii=False,
    ),
}
SETTINGS = {
    "hooks of others": """{
  "permissions": {
    "allow": ["Bash(npm run *)"],
    "deny": ["Read(./.env)"]
  },
  "hooks": {
    "PreToolUse": [
      {
        "matcher": "Bash",
        "hooks": [{"type": "command", "command": "~/.claude/check-bash.sh"}]
      }
    ],
    "SubagentStop": [{"hooks": [{"type": "command", "command": "say done"}]}],
    "Stop": []
  }
}
""",
    "ask permissions already": """{
    "permissions": {
        "ask": [
            "Bash(git push *)",
            "mcp__model-learning-analyzer__apply_model_suggestion"
        ]
    },
    "model": "opus"
}
""",
    "older installation": """{
  "hooks": {
    "SubagentStop": [
      {
        "hooks": [
          {"type": "command", "command": "say done"},
          {"type": "command", "command": "/old/python -S -E /old/modelmerit/capture/hook.py claude-code --mode observe"}
        ]
      }
    ],
    "PreToolUse": [
      {"matcher": "Agent|Task", "hooks": [{"type": "command", "command": "modelmerit-hook claude-code --mode advise"}]}
    ]
  }
}
""",
    "CRLF and tabs": '{\r\n\t"model": "opus",\r\n\t"hooks": {\r\n\t}\r\n}\r\n',
    "byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}{}\r\n",
}
OPENCODE = {
    "comments": """{
  "$schema": "https://opencode.ai/config.json",
  // cheap and fast
  "model": "anthropic/claude-sonnet-4-5", // for now
  "permission": {
    "bash": {"*": "ask", "git status": "allow"},
    "*": "allow", // I know what I do
  },
  "mcp": {
    "context7": {"type": "remote", "url": "https://mcp.context7.com/mcp", "enabled": false},
  },
}
""",
    "everything allowed": '{\n  "permission": "allow"\n}\n',
    "everything asked": '{\n  "permission": "ask"\n}\n',
    "older installation": """{
  "mcp": {
    "task-dispatcher": {"type": "local", "command": ["/old/bin/task-dispatcher"], "timeout": 9000},
    "model-learning-analyzer": {"type": "local", "command": ["/old/bin/model-learning-analyzer"], "enabled": true}
  },
  "permission": {"model-learning-analyzer_apply_model_suggestion": "deny"}
}
""",
    "tabs": '{\n\t"theme": "system",\n\t"mcp": {}\n}',
    "CRLF": '{\r\n  "theme": "system"\r\n}\r\n',
    "one line": '{"theme": "system", "autoupdate": false}',
}
TOML = {
    "other servers": """# Codex
model = "gpt-5.2-codex"
approval_policy = "on-request"

[mcp_servers.github]
command = "github-mcp"
args = [
  "--read-only",  # for now
]
env = { TOKEN = "x" }

[projects."/home/ada/web"]
trust_level = "trusted"
""",
    "older installation": """model = "gpt-5.2-codex"

# pasted from a README
[mcp_servers.task-dispatcher]
command = "/old/bin/task-dispatcher"
startup_timeout_sec = 20
env = { MODELMERIT_HOME = "/old/home", TERM = "dumb" }

[mcp_servers."model-learning-analyzer"]
command = "/old/bin/model-learning-analyzer"
[mcp_servers."model-learning-analyzer".tools.suggest_model_rules]
approval_mode = "approve"

# my projects
[projects."/home/ada/web"]
trust_level = "trusted"
""",
    "a text with a header in it": 'notes = """\n[mcp_servers.task-dispatcher]\n"""\n',
    "CRLF": 'model = "x"\r\n\r\n[tui]\r\nnotifications = true\r\n',
    "no trailing newline": "[tui]\nnotifications = true",
    "byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}model = 'x'\n",
    "tabs": "[tui]\n\tnotifications = true\t# yes\n",
    "empty file": "",
    "blank file": "\n",
    "comments only": "# nothing yet\n",
    "mcp_servers alone": "[mcp_servers]\n",
}
WORDS = {
    "instructions of others": "# Web\n\nUse pnpm. Never commit.\n",
    "no trailing newline": "# Web\n\nUse pnpm.",
    "CRLF": "# Web\r\n\r\nUse pnpm.\r\n",
    "byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}# Web\n",
    "empty file": "",
    "older installation": "# Web\n\n<!-- modelmerit: begin -->\nSay please.\n<!-- modelmerit: end -->\n\nUse pnpm.\n",
}
SERVER_FILES = [
    ("claude-code", "user", "user/.claude.json"),
    ("cursor", "project", "project/.cursor/mcp.json"),
    ("vscode", "project", "project/.vscode/mcp.json"),
]
FOUND = [
    *((*file, name, text) for file in SERVER_FILES for name, text in MCP.items()),
    *(("claude-code", "project", "project/.mcp.json", name, MCP[name]) for name in ("comments", "CRLF")),
    *(("claude-code", "user", "user/.claude/settings.json", name, text) for name, text in SETTINGS.items()),
    *(("opencode", "user", "user/.config/opencode/opencode.jsonc", name, text) for name, text in OPENCODE.items()),
    *(("opencode", "project", "project/opencode.json", name, OPENCODE[name]) for name in ("comments", "tabs", "CRLF")),
    *(("codex", "user", "user/.codex/config.toml", name, text) for name, text in TOML.items()),
    *(("claude-code", "user", "user/.claude/CLAUDE.md", name, text) for name, text in WORDS.items()),
    ("cursor", "project", "project/AGENTS.md", "instructions of others", WORDS["instructions of others"]),
]


def for_vscode(text: str) -> str:
    return text.replace("mcpServers", "servers")


@pytest.fixture(params=FOUND, ids=lambda found: f"{found[0]} {found[2]}: {found[3]}")
def found(request, machine):
    """A client, a scope, the file that is there, and its text."""
    client, scope, name, _, text = request.param
    text = for_vscode(text) if client == "vscode" else text
    path = machine.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(0o640)
    return client, scope, path, text


def test_installing_twice_changes_nothing_and_uninstalling_gives_back_the_same_bytes(found, machine):
    client, scope, path, _ = found
    before = machine.files()

    assert machine.install(client, scope).left_alone == ()
    once = machine.files()
    assert path.stat().st_mode & 0o777 == 0o640
    assert_registered(machine, client, scope)
    again = machine.install(client, scope)

    assert again.changes == ()
    assert machine.files() == once
    done = machine.uninstall(client, scope)
    assert all(change.gives_back for change in done.changes)
    assert machine.files() == before
    assert path.stat().st_mode & 0o777 == 0o640
    assert list((machine.root / "modelmerit").iterdir()) == []


def assert_registered(machine, client, scope):
    """Both servers are registered with absolute paths, and with nothing of an older installation's."""
    servers = machine.targets(client, scope)[0].path
    key = {"vscode": "servers", "opencode": "mcp", "codex": "mcp_servers"}.get(client, "mcpServers")
    written = read_text(servers, servers.read_bytes().decode())[key]
    for name in ("task-dispatcher", "model-learning-analyzer"):
        command = written[name]["command"]
        assert command in (str(machine.installation.scripts / name), [str(machine.installation.scripts / name)])
        assert "args" not in written[name]
        assert "MODELMERIT_HOME" not in written[name].get("env", {})


def test_what_others_wrote_stays_character_by_character(found, machine):
    client, scope, path, text = found
    if "modelmerit" in text or "task-dispatcher" in text:
        pytest.skip("there are entries of ours already, which are brought up to date")
    machine.install(client, scope)

    after = iter(path.read_bytes().decode())
    assert all(character in after for character in text if not character.isspace())
    if "\r\n" in text:
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


def test_what_was_edited_in_between_is_kept_and_only_ours_is_taken_out(found, machine):
    client, scope, path, text = found
    machine.install(client, scope)
    edited = edit(path)

    assert machine.install(client, scope).changes == ()
    done = machine.uninstall(client, scope)

    assert done.left_alone == ()
    if path.suffix == ".md":
        assert path.read_bytes().decode().removeprefix("Be brief.\n").rstrip() == text.rstrip()
    else:
        assert without_edit(path) == read_text(path, text)
    assert [backup.read_bytes() for backup in done.backups] == [edited]


def edit(path: Path) -> bytes:
    """A person adds something of theirs at the end."""
    text = path.read_bytes().decode()
    if path.suffix == ".toml":
        text += "[added]\nlater = true\n"
    elif path.suffix == ".md":
        text = "Be brief.\n" + text
    else:
        text = put(text, ("added",), {"later": True})
    path.write_bytes(text.encode())
    return text.encode()


def without_edit(path: Path):
    """What the file says besides the edit."""
    said = read_text(path, path.read_bytes().decode())
    assert said.pop("added") == {"later": True}
    return said


def read_text(path: Path, text: str):
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return tomllib.loads(text) if path.suffix == ".toml" else read(text if text.strip() else "{}").value
