"""The models a tenant may call."""

import pytest
from openai import NotFoundError, OpenAI

import gateway


def test_lists_models(team):
    names = [model.id for model in team.models()]
    assert names == ["deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner"]


def test_retrieves_a_model(team):
    model = team.model("deepseek-v4-pro")
    assert (model.id, model.object, model.owned_by) == ("deepseek-v4-pro", "model", "deepseek")
    assert model.created > 0


def test_hides_the_models_of_others(caller):
    pro = caller("pro")
    assert [model.id for model in pro.models()] == ["deepseek-v4-pro"]
    with pytest.raises(NotFoundError) as refused:
        pro.chat("[[say Hello]]", model="deepseek-flash")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


def test_works_without_v1_in_the_base_url():
    with OpenAI(base_url=gateway.BASE_URL.removesuffix("/v1"), api_key=gateway.key("team")) as client:
        assert "deepseek-flash" in [model.id for model in client.models.list()]
