"""Answers that come as they are written."""

import pytest


def text(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": True}}], ids=["plain", "include_usage"])
def test_streams_content_and_at_last_usage(team, options):
    chunks = list(team.stream("[[say Hello there]]", extra_body=options))
    assert text(chunks) == "Hello there"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_streams_after_comments_from_the_queue(team):
    assert text(team.stream("[[queue 300ms]] [[say Hello]]")) == "Hello"


def test_streams_usage_in_a_chunk_of_its_own_to_who_asks_for_it(team):
    options = {"stream_options": {"include_usage": True}}
    chunks = list(team.stream("[[usage separate]]", extra_body=options))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


def test_chunks_come_while_the_upstream_still_writes(team):
    chunks = team.stream("[[rate 20]] [[tokens 2000]]")
    assert next(chunks).choices
    chunks.close()


@pytest.mark.since("1.92")
def test_streams_through_the_sdks_own_accumulator(sync_team):
    question = [{"role": "user", "content": "[[say Hello there]]"}]
    with sync_team.openai.chat.completions.stream(model="deepseek-flash", messages=question) as events:
        answer = events.get_final_completion()
    assert answer.choices[0].message.content == "Hello there"
    assert answer.usage.completion_tokens > 0
