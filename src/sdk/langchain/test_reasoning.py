"""Thoughts: LangChain leaves out those of chat, counts them, and shows those of Responses."""

import pytest
from callers import model


def test_counts_the_thoughts(team):
    assert team.invoke("[[say Hello]]").usage_metadata["output_token_details"]["reasoning"] > 0


@pytest.mark.parametrize(
    "options",
    [{"reasoning_effort": "none"}, {"model": "deepseek-chat"}, {"extra_body": {"thinking": {"type": "disabled"}}}],
    ids=["effort", "deepseek-chat", "thinking"],
)
def test_does_not_think_when_told_not_to(options):
    usage = model(**options).invoke("[[say Hello]]").usage_metadata
    assert not usage.get("output_token_details", {}).get("reasoning")


def test_shows_the_thoughts_of_a_response():
    message = model(use_responses_api=True).invoke("[[say Hello]]")
    assert message.text == "Hello"
    assert [block["type"] for block in message.content_blocks] == ["reasoning", "text"]


def test_streams_the_thoughts_of_a_response():
    chunks = model(use_responses_api=True).stream("[[say Hello there]]")
    blocks = [block["type"] for chunk in chunks for block in chunk.content_blocks]
    assert "reasoning" in blocks
    assert "text" in blocks[blocks.index("reasoning") :]
