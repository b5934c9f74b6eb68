"""OpenAI's synchronous and asynchronous client behind the same few methods, so that every case runs on both."""

import asyncio
from contextlib import contextmanager

from openai import AsyncOpenAI, OpenAI

import gateway

MODEL = "deepseek-flash"
# No case waits longer; those that are about waiting say how long.
PATIENCE = 30


def _request(content, params):
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **params}


def _options(tenant, options):
    return {"base_url": gateway.BASE_URL, "api_key": gateway.key(tenant), "timeout": PATIENCE, **options}


class Sync:
    """A tenant's team that uses OpenAI."""

    def __init__(self, tenant="team", **options):
        self.openai = OpenAI(**_options(tenant, options))

    def chat(self, content, **params):
        return self.openai.chat.completions.create(**_request(content, params))

    def chat_and_tries(self, content, **params):
        """The answer, and how often it was tried again."""
        raw = self.openai.chat.completions.with_raw_response.create(**_request(content, params))
        return raw.parse(), raw.retries_taken

    def stream(self, content, **params):
        """Yields chunks as they come; closing it leaves mid-stream."""
        with self.openai.chat.completions.create(stream=True, **_request(content, params)) as chunks:
            yield from chunks

    def models(self):
        return list(self.openai.models.list())

    def model(self, name):
        return self.openai.models.retrieve(name)

    def close(self):
        self.openai.close()


class Async:
    """A tenant's team that uses AsyncOpenAI; its event loop runs while a method does."""

    def __init__(self, tenant="team", **options):
        self.runner = asyncio.Runner()
        self.openai = AsyncOpenAI(**_options(tenant, options))

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def chat(self, content, **params):
        return self.run(self.openai.chat.completions.create(**_request(content, params)))

    def chat_and_tries(self, content, **params):
        async def call():
            raw = await self.openai.chat.completions.with_raw_response.create(**_request(content, params))
            return raw.parse(), raw.retries_taken

        return self.run(call())

    def stream(self, content, **params):
        async def next_of(chunks):
            return await anext(chunks, None)

        chunks = self.run(self.openai.chat.completions.create(stream=True, **_request(content, params)))
        try:
            while (chunk := self.run(next_of(chunks))) is not None:
                yield chunk
        finally:
            self.run(chunks.close())

    def models(self):
        async def call():
            return [model async for model in self.openai.models.list()]

        return self.run(call())

    def model(self, name):
        return self.run(self.openai.models.retrieve(name))

    def close(self):
        self.run(self.openai.close())
        self.runner.close()


@contextmanager
def slot_taken():
    """The tenant `single` has its one call in flight."""
    holder = Sync("single")
    chunks = holder.stream("[[rate 2]] [[tokens 120]]")
    next(chunks)
    try:
        yield
    finally:
        chunks.close()
        holder.close()
