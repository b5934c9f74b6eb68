"""LangChain's model, as a tenant's team uses it."""

import gateway
from langchain_openai import ChatOpenAI

ENDLESS = "[[rate 20]] [[tokens 2000]]"


def model(tenant="team", **others):
    # No case waits longer; those that are about waiting say how long.
    named = {"model": "deepseek-flash", "timeout": 30, "max_retries": 0, "stream_usage": True, **others}
    return ChatOpenAI(base_url=gateway.BASE_URL, api_key=named.pop("api_key", gateway.key(tenant)), **named)
