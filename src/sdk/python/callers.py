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


def _response(content, params):
    return {"model": MODEL, "input": content, **params}


def _options(tenant, options):
    return {"base_url": gateway.BASE_URL, "api_key": gateway.key(tenant), "timeout": PATIENCE, **options}


class Caller:
    """What a tenant's team asks. `call` and `each` are how its kind of client is asked."""

    def chat(self, content, **params):
        return self.call(lambda openai: openai.chat.completions.create(**_request(content, params)))

    def stream(self, content, **params):
        """Yields chunks as they come; closing it leaves mid-stream."""
        return self.each(lambda openai: openai.chat.completions.create(stream=True, **_request(content, params)))

    def chat_and_tries(self, content, **params):
        """The answer, and how often it was tried again."""
        raw = self.call(lambda openai: openai.chat.completions.with_raw_response.create(**_request(content, params)))
        return raw.parse(), raw.retries_taken

    def respond(self, content, **params):
        return self.call(lambda openai: openai.responses.create(**_response(content, params)))

    def stream_response(self, content, **params):
        return self.each(lambda openai: openai.responses.create(stream=True, **_response(content, params)))

    def complete(self, prompt, **params):
        return self.call(lambda openai: openai.completions.create(model=MODEL, prompt=prompt, **params))

    def stream_completion(self, prompt, **params):
        return self.each(lambda openai: openai.completions.create(model=MODEL, prompt=prompt, stream=True, **params))

    def models(self):
        return self.call(lambda openai: openai.models.list()).data

    def model(self, name):
        return self.call(lambda openai: openai.models.retrieve(name))


class Sync(Caller):
    """Uses OpenAI."""

    def __init__(self, tenant="team", **options):
        self.openai = OpenAI(**_options(tenant, options))

    def call(self, method):
        return method(self.openai)

    def each(self, method):
        with method(self.openai) as events:
            yield from events

    def close(self):
        self.openai.close()


class Async(Caller):
    """Uses AsyncOpenAI; its event loop runs while a method does."""

    def __init__(self, tenant="team", **options):
        self.runner = asyncio.Runner()
        self.openai = AsyncOpenAI(**_options(tenant, options))

    def call(self, method):
        async def answer():
            return await method(self.openai)

        return self.runner.run(answer())

    def each(self, method):
        async def next_of(events):
            return await anext(events, None)

        events = self.call(method)
        try:
            while (event := self.runner.run(next_of(events))) is not None:
                yield event
        finally:
            self.runner.run(events.close())

    def close(self):
        self.runner.run(self.openai.close())
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
