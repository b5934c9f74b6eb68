"""A beginner's script tells apart what there is to tell apart, though it was written for DeepSeek itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from callers import slot_taken

SCRIPT = Path(__file__).with_name("beginner.py")


def beginner(question, key=gateway.key("team")):
    """The exit code, and what was printed."""
    deepseek = {
        "DEEPSEEK_API_KEY": key,
        "DEEPSEEK_BASE_URL": gateway.BASE_URL,
        "DEEPSEEK_MODEL_ID": "deepseek-v4",
    }
    script = [sys.executable, SCRIPT, question]
    done = subprocess.run(script, env={**os.environ, **deepseek}, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_gets_an_answer():
    assert beginner("[[say Hello there]]") == (0, "Hello there")


def test_has_a_wrong_key():
    code, printed = beginner("Hello", key="sk-of-somebody")
    assert code == 2
    assert printed.startswith("Wrong API key: ")


def test_meets_a_spent_limit():
    with slot_taken():
        code, printed = beginner("Hello", key=gateway.key("single"))
    assert code == 3
    assert printed.startswith("Too many requests: ")


@pytest.mark.parametrize(
    ("question", "status"),
    [("[[status 400]]", 400), ("[[status 402]]", 503), ("[[status 500]]", 502), ("[[status 503]]", 503)],
)
def test_meets_another_status(question, status):
    code, printed = beginner(question)
    assert code == 4
    assert printed.startswith(f"Status {status}: ")


def test_meets_no_choices():
    assert beginner("[[empty choices]]") == (5, "No choices.")


@pytest.mark.parametrize("question", ["[[finish length]]", "[[tokens 400]]"])
def test_meets_an_answer_that_is_cut_off(question):
    code, printed = beginner(question)
    assert code == 6
    assert printed.startswith("Cut off: ")


def test_meets_no_content():
    assert beginner("[[null content]]") == (7, "No content.")
