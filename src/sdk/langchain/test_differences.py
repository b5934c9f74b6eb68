"""What OpenAI takes and DeepSeek does not: mended where that is possible, else refused in words."""

import pytest
from callers import model
from langchain_core.messages import SystemMessage
from openai import BadRequestError
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city."""

    name: str = Field(description="Its name")


def test_developer_speaks_as_system(team):
    developer = SystemMessage("Be kind.", additional_kwargs={"__openai_role__": "developer"})
    assert team.invoke([developer, ("user", "[[say Hello]]")]).content == "Hello"


def test_json_schema_is_refused_with_the_ways_out(team):
    with pytest.raises(BadRequestError) as refused:
        team.with_structured_output(City).invoke("Which city?")
    assert refused.value.param == "response_format"
    assert "json_object" in refused.value.message


def test_function_calling_gives_the_same(team):
    assert isinstance(team.with_structured_output(City, method="function_calling").invoke("Which city?"), City)


def test_json_mode_is_answered(team):
    assert isinstance(team.with_structured_output(None, method="json_mode").invoke("Answer in json."), dict)


def test_several_choices_are_refused():
    with pytest.raises(BadRequestError) as refused:
        model(n=2).invoke("Hello")
    assert refused.value.param == "n"
