// What works with DeepSeek works here.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { NotFoundError } from 'openai';
import { BASE_URL, caller, chat, chunksOf, failureOf, nothingStaysInFlight, stream } from './gateway.js';

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
    },
  },
};

const team = caller('team', { maxRetries: 0 });
const text = (chunks) => chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('');

afterEach(nothingStaysInFlight);

test('answers', async () => {
  const { choices, usage, _request_id } = await chat(team, '[[say Hello there]]');
  assert(_request_id);
  assert.equal(choices[0].message.content, 'Hello there');
  assert(choices[0].message.reasoning_content);
  assert.equal(choices[0].finish_reason, 'stop');
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.equal(usage.prompt_tokens_details.cached_tokens, usage.prompt_cache_hit_tokens);
});

test('answers after blank lines from the queue', async () => {
  const answer = await chat(team, '[[queue 300ms]] [[say Hello]]');
  assert.equal(answer.choices[0].message.content, 'Hello');
});

for (const params of [{}, { stream_options: { include_usage: true } }]) {
  test(`streams reasoning, then content, then usage, with ${JSON.stringify(params)}`, async () => {
    const chunks = await chunksOf(stream(team, '[[say Hello there]]', params));
    const reasoning = chunks.findLastIndex((chunk) => chunk.choices[0].delta.reasoning_content);
    const content = chunks.findIndex((chunk) => chunk.choices[0].delta.content);
    assert(reasoning > 0 && reasoning < content);
    assert.equal(text(chunks), 'Hello there');
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.deepEqual(
      chunks.filter((chunk) => chunk.usage),
      [chunks.at(-1)],
    );
  });
}

test('streams after comments from the queue', async () => {
  assert.equal(text(await chunksOf(stream(team, '[[queue 300ms]] [[say Hello]]'))), 'Hello');
});

test('streams usage in a chunk of its own to who asks for it', async () => {
  const chunks = await chunksOf(stream(team, '[[usage separate]]', { stream_options: { include_usage: true } }));
  assert.deepEqual(chunks.at(-1).choices, []);
  assert(chunks.at(-1).usage.completion_tokens > 0);
});

test('calls a tool and takes its result', async () => {
  const question = 'What is the weather in Paris?';
  const { message } = (await chat(team, question, { tools: [WEATHER] })).choices[0];
  const call = message.tool_calls[0];
  assert.equal(call.function.name, 'weather');
  assert.deepEqual(Object.keys(JSON.parse(call.function.arguments)), ['city', 'days']);
  const result = { role: 'tool', tool_call_id: call.id, content: 'Sunny.' };
  const messages = [{ role: 'user', content: question }, message, result];
  const answer = await chat(team, question, { messages, tools: [WEATHER] });
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert(answer.choices[0].message.content);
});

test('streams a tool call', async () => {
  const chunks = await chunksOf(stream(team, 'What is the weather in Paris?', { tools: [WEATHER] }));
  const parts = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []).map((part) => part.function);
  assert.equal(parts.map((part) => part.name ?? '').join(''), 'weather');
  assert.deepEqual(Object.keys(JSON.parse(parts.map((part) => part.arguments).join(''))), ['city', 'days']);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'tool_calls');
});

test("streams through the SDK's own accumulator", async () => {
  const runner = team.chat.completions.stream({
    model: 'deepseek-flash',
    messages: [{ role: 'user', content: '[[say Hello there]]' }],
  });
  const answer = await runner.finalChatCompletion();
  assert.equal(answer.choices[0].message.content, 'Hello there');
});

test('serves an unknown model by the default slug', async () => {
  const answer = await chat(team, '[[say Hello]]', { model: 'deepseek-v4' });
  assert.equal(answer.model, 'deepseek-flash');
  assert.equal(answer.choices[0].message.content, 'Hello');
});

test('lists models', async () => {
  const { data } = await team.models.list();
  assert.deepEqual(
    data.map((model) => model.id),
    ['deepseek-flash', 'deepseek-v4-pro', 'deepseek-chat', 'deepseek-reasoner'],
  );
});

test('retrieves a model', async () => {
  const model = await team.models.retrieve('deepseek-v4-pro');
  assert.equal(model.id, 'deepseek-v4-pro');
  assert.equal(model.object, 'model');
  assert(model.created > 0);
});

test('hides the models of others', async () => {
  const pro = caller('pro');
  const { data } = await pro.models.list();
  assert.deepEqual(
    data.map((model) => model.id),
    ['deepseek-v4-pro'],
  );
  const refused = await failureOf(chat(pro, '[[say Hello]]', { model: 'deepseek-flash' }));
  assert(refused instanceof NotFoundError);
  assert.equal(refused.code, 'model_not_found');
  assert.equal(refused.param, 'model');
});

test('works without /v1 in the base URL', async () => {
  const { data } = await caller('team', { baseURL: BASE_URL.replace(/\/v1$/, '') }).models.list();
  assert(data.length > 0);
});
