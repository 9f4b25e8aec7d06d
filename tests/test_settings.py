"""The environment, read once."""

import stat
from pathlib import Path

import pytest
from platformdirs import user_data_path

from modelmerit.errors import SettingsError
from modelmerit.settings import Settings


def test_without_variables_home_is_the_platforms_data_folder():
    settings = Settings.from_environment({})

    assert settings.home == user_data_path("modelmerit", appauthor=False)
    assert settings.policy_path == settings.home / "models.json"
    assert settings.store_path == settings.home / "modelmerit.db"
    assert settings.learning_path == settings.home / "model-learning.json"
    assert settings.change_log_path == settings.home / "model-config-changes.log"
    assert settings.exploration is settings.session_id is settings.client is None


def test_an_empty_variable_says_nothing():
    names = ("MODELMERIT_HOME", "MODELMERIT_POLICY", "MODELMERIT_EXPLORATION", "CLAUDE_CODE_SESSION_ID", "CLAUDECODE")

    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


def test_a_policy_may_lie_elsewhere_under_version_control(tmp_path):
    settings = Settings.from_environment({"MODELMERIT_HOME": str(tmp_path), "MODELMERIT_POLICY": "repo/models.json"})

    assert settings.home == tmp_path
    assert settings.policy_path == Path.cwd() / "repo" / "models.json"


def test_a_tilde_is_the_persons_home():
    settings = Settings.from_environment({"MODELMERIT_HOME": "~/m", "MODELMERIT_POLICY": "~/p.json"})

    assert settings.home == Path.home() / "m"
    assert settings.policy_path == Path.home() / "p.json"


@pytest.mark.parametrize("name", ["MODELMERIT_HOME", "MODELMERIT_POLICY"])
def test_the_tilde_of_nobody_is_an_error_that_names_the_variable(name):
    with pytest.raises(SettingsError, match=f"{name} is '~nobody-of-that-name/x'.*expected a full path"):
        Settings.from_environment({name: "~nobody-of-that-name/x"})


@pytest.mark.parametrize(("value", "meaning"), [("0", False), ("1", True), ("", None)])
def test_exploration_can_be_switched_by_the_environment(value, meaning):
    assert Settings.from_environment({"MODELMERIT_EXPLORATION": value}).exploration is meaning


@pytest.mark.parametrize("value", ["yes", "2", "true", " 1"])
def test_any_other_switch_is_an_error_that_says_what_was_expected(value):
    with pytest.raises(SettingsError, match=f"MODELMERIT_EXPLORATION is {value!r}; expected 0"):
        Settings.from_environment({"MODELMERIT_EXPLORATION": value})


def test_claude_code_is_known_by_its_own_variables():
    settings = Settings.from_environment({"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "abc"})

    assert (settings.client, settings.session_id) == ("claude-code", "abc")


def test_the_home_folder_is_made_for_its_owner_alone(tmp_path):
    settings = Settings.from_environment({"MODELMERIT_HOME": str(tmp_path / "deep" / "home")})
    settings.make_home()
    settings.make_home()

    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


def test_a_file_in_the_place_of_the_home_folder_is_an_error_that_says_what_to_set(tmp_path):
    (tmp_path / "home").write_text("")

    with pytest.raises(SettingsError, match=r"cannot be made.*Set MODELMERIT_HOME"):
        Settings(home=tmp_path / "home", policy_path=tmp_path / "models.json").make_home()
