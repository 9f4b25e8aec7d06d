import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmerit.capture.outcomes.corrections import asks_again, told_fault

TASK = "Add a cache to the session loader in loader.py"


@pytest.mark.parametrize(
    "words",
    [
        "still fails",
        "it's still broken",
        "I still get the same error",
        "that doesn't work",
        "that doesn\u2019t work",
        "thats not right , just use the cache",
        "that's wrong",
        "no, that's not how it is done",
        "NO! I asked for a list",
        "hmm nope!",
        "you forgot the tests",
        "you didn't update the changelog",
        "same error again",
        "revert it",
        "undo that please",
        "put it back",
        "why did you delete the file?",
        "not what I asked for",
        "I told you to use the helper",
        "it hangs now",
        "we decided on utils, not schema",
        "Ok, but the table is too wide",
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: no',
        "now this:\n\npkg/a.go:53:7: undefined: x",
        "npm ERR! code ELIFECYCLE",
        "error[E0382]: borrow of moved value",
        "thanks, but it still crashes on start",
        "you removed the retry loop",
        "did you just delete the tests?",
        "you're editing the generated file",
        "you keep adding comments",
        "as I said, the id comes first",
        "I didn't ask for a new page",
        "I don't like this",
        "stop adding comments",
        "the error persists",
        "it only partially worked",
        "not working",
        "it's in the wrong folder",
        "it should not be public",
        "that shows the id instead of the name",
        "that doesn't look so good",
        "what the hell?",
        "nothing shows up",
        "it's still empty",
        "why doesn't it update?",
        "zsh: permission denied: ./run.sh",
        "Uncaught TypeError: x is undefined",
        "FAIL src/loader.test.ts",
        "its still the old list",
        "No luck, the page keeps crashing",
        "this makes no sense",
        "no, I meant the other file",
        "you were supposed to keep the tests",
        "how many times do I have to say it",
        "you deleted half of it",
        "wtf is this",
        "okay lets just go back to the plain list",
        "oof revert the list to what it was",
        "it's getting worse",
        "why is it still slow",
        "please use a plain list instead",
    ],
)
def test_complaints_are_heard(words: str) -> None:
    assert told_fault(words)


@pytest.mark.parametrize(
    "words",
    [
        "thanks!",
        "perfect, now add a test for it",
        "works now",
        "it works great",
        "no",
        "No, thanks",
        "no, that's fine",
        "no, not yet",
        "yes",
        "proceed",
        "commit and push",
        "Now write the documentation of the loader",
        "Fix the bug that makes the page reload",
        "does it still fail on Windows?",
        "what happens when it fails?",
        "if it still fails, use the other one",
        "make sure it doesn't crash when the file is empty",
        'change the message "it still fails" to "try later"',
        "> it still fails\n\nwho wrote this?",
        "what does `revert it` do?",
        "revert commit 1f2e3d on the release branch",
        "the second option",
        "why is the sky blue",
        "[Image #1]",
        "",
        "```\nit still fails\n```",
        "You are reviewing the loader",
        "Only show that when it is empty",
        "I don't see why we need it",
        "Add a button. The list should not scroll",
        "why does the loader read the file twice?",
        "stop the server",
        "the settings page is empty",
        "nothing else for now, thanks",
        "no tests are needed",
        "now we have a plan, go on with it",
        "now it is time for the docs",
        "Add a page. It should not need a login",
        "Add a flag. It prints JSON instead of text",
        "you only need to change the loader",
        "while you're editing that file, sort the imports",
        "I don't run it on Windows",
        "holy shit, this is awesome",
        "yes but don't start before noon",
        "no it's ok then, leave it",
        "I added the key, will it work now?",
        "my bad, I had not saved the file",
        "never mind, it works now",
        "I found another bug in the settings page",
        "while that runs, look at the settings page",
        "it was not set, I did it and now it no longer blocks",
        "is that supposed to be fast?",
        "- the list is wrong\n- the page is empty",
    ],
)
def test_new_tasks_thanks_answers_and_questions_are_no_complaints(words: str) -> None:
    assert not told_fault(words)


@pytest.mark.parametrize(
    "words", ["just need the list", "a helper rather than a class", "don't touch the tests", "Read it first."]
)
def test_after_an_interruption_words_that_steer_are_enough(words: str) -> None:
    assert told_fault(words, stopped=True)
    assert not told_fault(words)


@pytest.mark.parametrize(
    "words", ["proceed", "yes, stop the server first", "what is a lock file?", "1. don't\n2. do", "1 moment"]
)
def test_after_an_interruption_an_answer_or_a_question_steers_nothing(words: str) -> None:
    assert not told_fault(words, stopped=True)


@pytest.mark.parametrize(
    "words",
    [
        "the cache does nothing",
        "loader.py doesn't compile",
        "there are no sessions",
        "the session list isn't loading",
        "now I get an error in the loader",
        "the old cache is gone",
    ],
)
def test_a_report_is_a_complaint_if_it_is_about_the_task(words: str) -> None:
    assert told_fault(words, task=TASK) == "reported that it does not work"
    assert not told_fault(words, task="Write the changelog")


@pytest.mark.parametrize("words", ["it doesn't open", "now I get a blank page", "I don't see any rows"])
def test_a_report_that_names_nothing_of_the_task_is_a_complaint_only_if_the_task_names_nothing(words: str) -> None:
    assert told_fault(words, task="go on")
    assert not told_fault(words, task=TASK)


@pytest.mark.parametrize("words", ["loader.py doesn't compile", "ValueError: no such session"])
def test_a_question_has_no_result_that_could_fail(words: str) -> None:
    assert told_fault(words, task=TASK)
    assert not told_fault(words, task="What does the session loader in loader.py do?")


def test_an_answer_can_be_wrong() -> None:
    assert told_fault("that's not true", task="What does the loader do?")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Traceback (most recent call last):\n  ...", "pasted an error"),
        ("no, that's not it", "turned it down"),
        ("damn", "swore"),
        ("you forgot the tests", "said that it is not right"),
        ("you should use the helper", "said what it should have done"),
        ("please use the helper instead", "asked for another way"),
    ],
)
def test_the_kind_of_complaint_is_told_without_its_words(words: str, kind: str) -> None:
    assert told_fault(words) == kind


@pytest.mark.parametrize("words", ["don't update the cache", "Add a test. Please don't run the loader", "and close it"])
def test_orders_about_the_task_are_no_symptoms(words: str) -> None:
    assert not told_fault(words, task=TASK)


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert not told_fault("Write a report on the following matters. " * 10 + "It still fails.")


@pytest.mark.parametrize(
    "words",
    [
        TASK,
        TASK.lower(),
        "please " + TASK + " again",
        "Add a cache to the session loader in `loader.py`",
        "_Add_ a cache to the session loader in ./loader.py",
        "try again",
        "Redo it.",
        "I aborted it. Go back and do it again.",
        "retry",
        "start over",
    ],
)
def test_the_same_request_again_is_recognised(words: str) -> None:
    assert asks_again(TASK, words)


@pytest.mark.parametrize(
    "words",
    [
        TASK + " with a bound",
        "Add a cache to the session loader in saver.py",
        "Remove the cache from the session loader in loader.py",
        "Now test it",
        "run the tests again",
        "Show a countdown for the retry",
        "try again with a bound of 5 and tell me what it costs",
        "",
    ],
)
def test_another_request_is_not_the_same_again(words: str) -> None:
    assert not asks_again(TASK, words)


@pytest.mark.parametrize("words", ["continue", "ok", "@loader.py", "https://example.com/a", "k, done", "[Image #1]"])
def test_words_that_name_no_task_are_no_request(words: str) -> None:
    assert not asks_again(words, words)


@pytest.mark.parametrize("words", ["continue", "ok", "k, done"])
def test_trying_again_what_was_no_task_is_no_request(words: str) -> None:
    assert not asks_again(words, "try again")


def test_a_long_request_sent_again_with_a_clearer_word_is_the_same() -> None:
    task = "So the user may not have the command installed. We should check for it, and tell them how to install it"
    assert asks_again(task, task.replace("the command", "the shell command"))


def test_long_tasks_from_one_mould_are_told_apart_by_their_ends() -> None:
    mould = "Review one part of the project with care and write down all that you find. " * 100
    assert not asks_again(mould + "Part alpha.py", mould + "Part beta.py")


@given(st.text(), st.text(), st.booleans())
def test_of_any_text_a_kind_of_complaint_is_told_or_none_and_never_its_words(
    task: str, words: str, stopped: bool
) -> None:
    assert told_fault(words, task=task, stopped=stopped) in {
        None,
        "pasted an error",
        "turned it down",
        "steered it elsewhere",
        "swore",
        "said that it is not right",
        "said what it should have done",
        "asked for another way",
        "reported that it does not work",
    }
    assert asks_again(task, words) in {True, False}


@pytest.mark.parametrize(
    "unit",
    [
        "*",
        "_",
        "/",
        '"a',
        "[Image",
        "a ",
        "a",
        "\n",
        " ",
        "1:",
        "a.",
        "still ",
        "```",
        "no ",
        "just ",
        "at ",
        "is ",
        "now ",
        "x:",
        "it ",
        "ok, ",
        "really ",
        "i get ",
    ],
)
def test_of_a_hostile_text_only_the_beginning_is_searched(unit: str) -> None:
    # A pattern that backtracks over the whole of a hundred thousand characters would not come back.
    asks_again(unit * 50_000, unit * 50_000 + "!")
    assert told_fault("That's wrong.\n" + unit * 50_000)
