// What OpenAI takes and DeepSeek does not: mended where that is possible, else refused in words.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { BadRequestError } from 'openai';
import { caller, chat, failureOf, nothingStaysInFlight, request } from './gateway.js';

const team = caller('team', { maxRetries: 0 });
const CITY = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const JSON_SCHEMA = { type: 'json_schema', json_schema: { name: 'city', schema: CITY } };

afterEach(nothingStaysInFlight);

for (const limits of [{}, { max_tokens: 4000 }]) {
  test(`max_completion_tokens bounds the answer, with ${JSON.stringify(limits)}`, async () => {
    const params = { model: 'deepseek-chat', max_completion_tokens: 10, ...limits };
    const answer = await chat(team, '[[tokens 500]]', params);
    assert.equal(answer.choices[0].finish_reason, 'length');
    assert.equal(answer.usage.completion_tokens, 10);
  });
}

test('developer speaks as system', async () => {
  const messages = [
    { role: 'developer', content: 'Be kind.' },
    { role: 'user', content: '[[say Hello]]' },
  ];
  assert.equal((await chat(team, '', { messages })).choices[0].message.content, 'Hello');
});

test('stream_options without a stream are let go', async () => {
  const answer = await chat(team, '[[say Hello]]', { stream_options: { include_usage: true } });
  assert.equal(answer.choices[0].message.content, 'Hello');
});

for (const stream of [false, true]) {
  test(`several choices are refused, stream: ${stream}`, async () => {
    const refused = await failureOf(chat(team, 'Hello', { n: 2, stream }));
    assert(refused instanceof BadRequestError);
    assert.equal(refused.param, 'n');
    assert.match(refused.message, /one choice/);
  });

  test(`json_schema is refused with the ways out, stream: ${stream}`, async () => {
    const refused = await failureOf(chat(team, 'Hello', { response_format: JSON_SCHEMA, stream }));
    assert(refused instanceof BadRequestError);
    assert.equal(refused.param, 'response_format');
    assert.match(refused.message, /json_object.*\/v1\/responses/);
  });
}

test('parse is refused as json_schema is', async () => {
  const refused = await failureOf(team.chat.completions.parse(request('Paris', { response_format: JSON_SCHEMA })));
  assert(refused instanceof BadRequestError);
  assert.equal(refused.param, 'response_format');
});

test('json_object is answered', async () => {
  const answer = await chat(team, 'Answer in json.', { response_format: { type: 'json_object' } });
  assert(JSON.parse(answer.choices[0].message.content));
});
