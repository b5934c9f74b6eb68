// Answers in one piece.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { nothingStaysInFlight } from '../node/gateway.js';
import { generate, model } from './caller.js';

afterEach(nothingStaysInFlight);

test('answers', async () => {
  const answer = await generate('[[say Hello there]]');
  assert.equal(answer.text, 'Hello there');
  assert.equal(answer.finishReason, 'stop');
  assert.equal(answer.usage.totalTokens, answer.usage.inputTokens + answer.usage.outputTokens);
});

test('answers after blank lines from the queue', async () => {
  assert.equal((await generate('[[queue 300ms]] [[say Hello]]')).text, 'Hello');
});

test('answers to a system prompt', async () => {
  assert.equal((await generate('[[say Hello]]', { system: 'Be kind.' })).text, 'Hello');
});

test('bounds the answer', async () => {
  const answer = await generate('[[tokens 500]]', { model: model('deepseek-chat'), maxOutputTokens: 10 });
  assert.equal(answer.finishReason, 'length');
  assert.equal(answer.usage.outputTokens, 10);
});
