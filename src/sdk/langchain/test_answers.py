"""Answers in one piece."""

from callers import model


def test_answers(team):
    message = team.invoke("[[say Hello there]]")
    assert message.content == "Hello there"
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.usage_metadata["total_tokens"] > 0


def test_answers_asynchronously(team, run):
    assert run(team.ainvoke("[[say Hello there]]")).content == "Hello there"


def test_answers_a_batch(team):
    assert [message.content for message in team.batch(["[[say One]]", "[[say Two]]"])] == ["One", "Two"]


def test_bounds_the_answer():
    message = model(model="deepseek-chat", max_tokens=10).invoke("[[tokens 500]]")
    assert message.response_metadata["finish_reason"] == "length"
    assert message.usage_metadata["output_tokens"] == 10
