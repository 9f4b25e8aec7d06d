"""models.json: whether it can be read, has rules that do not work, and is what was last approved."""

from modelmerit.errors import PolicyError
from modelmerit.policy.backups import backups_of
from modelmerit.policy.file import PolicyFile
from modelmerit.policy.loading import LoadedPolicy, read_text, substitute
from modelmerit.services.checks.findings import Finding
from modelmerit.settings import Settings

NAME = "policy"


def check_policy(settings: Settings) -> list[Finding]:
    """Whether models.json is in force, and whether somebody changed it behind the change log."""
    path = settings.policy_path
    if not path.exists() and not path.is_symlink() and not settings.store_path.exists():
        return [Finding(NAME, "ok", f"There is none yet; the first start writes {path}.")]
    file = PolicyFile(path, settings.change_log_path)
    try:
        loaded = LoadedPolicy.of(read_text(path))
    except PolicyError as error:
        _, source = substitute(file.real_path)
        return [Finding(NAME, "failed", str(error), f"Put {path} right; until then {source} is in force.")]
    policy = loaded.policy
    if loaded.warnings:
        count = len(policy.problems)
        more = f" (and {count - 1} more)" if count > 1 else ""
        return [Finding(NAME, "warning", f"{loaded.warnings[0]}{more}", f"Put it right in {path}.")]
    return [_against_the_log(file, f"{_count(len(policy.rules), 'rule')}, all understood: {path}")]


def _against_the_log(file: PolicyFile, line: str) -> Finding:
    try:
        edited = file.edited_outside()
    except PolicyError as error:
        return Finding(NAME, "warning", str(error), "Put the log's permissions right: approvals are recorded in it.")
    if not edited:
        return Finding(NAME, "ok", line)
    changed = f"{file.path} was edited since the last change that its log knows of."
    backup = next(iter(backups_of(file.real_path)), None)
    compare = "see `modelmerit changes`" if backup is None else f"compare it with {backup}"
    return Finding(NAME, "warning", changed, f"If that was you, all is well; if not, {compare}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
