// Answers in one piece.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { BETA_URL, MODEL, caller, chat, nothingStaysInFlight } from './gateway.js';

const team = caller('team', { maxRetries: 0 });

afterEach(nothingStaysInFlight);

test('answers', async () => {
  const { choices, usage, _request_id } = await chat(team, '[[say Hello there]]');
  assert(_request_id);
  assert.equal(choices[0].message.content, 'Hello there');
  assert.equal(choices[0].finish_reason, 'stop');
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.equal(usage.prompt_tokens_details.cached_tokens, usage.prompt_cache_hit_tokens);
});

test('answers after blank lines from the queue', async () => {
  const answer = await chat(team, '[[queue 300ms]] [[say Hello]]');
  assert.equal(answer.choices[0].message.content, 'Hello');
});

test('serves an unknown model by the default slug', async () => {
  const answer = await chat(team, '[[say Hello]]', { model: 'deepseek-v4' });
  assert.equal(answer.model, MODEL);
  assert.equal(answer.choices[0].message.content, 'Hello');
});

test('completes a prefix', async () => {
  const messages = [
    { role: 'user', content: '[[say Hello]]' },
    { role: 'assistant', content: 'Oh, ', prefix: true },
  ];
  const answer = await chat(caller('team', { baseURL: BETA_URL }), '', { messages });
  assert.equal(answer.choices[0].message.content, 'Hello');
});
