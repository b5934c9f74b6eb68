// Fill-in-the-middle, which OpenAI's SDK calls completions.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { APIError, BadRequestError } from 'openai';
import { BETA_URL, MODEL, caller, chunksOf, failureOf, nothingStaysInFlight } from './gateway.js';

const team = caller('team', { maxRetries: 0 });
const PROMPT = '[[say return a + b]] def add(a, b):';
const complete = (client, prompt, params) => client.completions.create({ model: MODEL, prompt, ...params });

afterEach(nothingStaysInFlight);

test('fills in the middle', async () => {
  const answer = await complete(team, PROMPT, { suffix: '\n\nprint(add(1, 2))', max_tokens: 64 });
  assert.equal(answer.object, 'text_completion');
  assert.equal(answer.choices[0].text, 'return a + b');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert(answer.usage.total_tokens > 0);
});

test('streams what it fills in', async () => {
  const chunks = await chunksOf(complete(team, PROMPT, { suffix: '\n', stream: true }));
  assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), 'return a + b');
  assert(chunks.at(-1).usage.completion_tokens > 0);
});

test('fills in under beta too', async () => {
  const answer = await complete(caller('team', { baseURL: BETA_URL }), '[[say Hello]]');
  assert.equal(answer.choices[0].text, 'Hello');
});

test('half a completion raises', async () => {
  const chunks = [];
  const broke = await failureOf(chunksOf(complete(team, '[[reset after 3]]', { stream: true }), chunks));
  assert(broke instanceof APIError);
  assert.equal(broke.code, 'upstream_unavailable');
  assert.equal(chunks.length, 3);
});

test('several completions are refused', async () => {
  const refused = await failureOf(complete(team, 'Hello', { n: 2 }));
  assert(refused instanceof BadRequestError);
  assert.equal(refused.param, 'n');
});
