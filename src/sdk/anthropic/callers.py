"""Anthropic's client, as a tenant's team uses it."""

import gateway
from anthropic import Anthropic

BASE_URL = gateway.BASE_URL.removesuffix("/v1") + "/anthropic"
MODEL = "deepseek-flash"
ENDLESS = "[[rate 20]] [[tokens 2000]]"


def options(tenant="team", **others):
    # No case waits longer; those that are about waiting say how long.
    return {"base_url": BASE_URL, "api_key": gateway.key(tenant), "timeout": 30, "max_retries": 0, **others}


def client(tenant="team", **others):
    return Anthropic(**options(tenant, **others))


def ask(content, **params):
    """What `messages.create` takes."""
    return {"model": MODEL, "max_tokens": 4000, "messages": [{"role": "user", "content": content}], **params}


def text(message):
    return "".join(block.text for block in message.content if block.type == "text")
