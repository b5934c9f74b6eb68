// Thoughts: seen, streamed before the answer, counted, given back, and turned off.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { BadRequestError } from 'openai';
import { QUESTION, WEATHER, caller, chat, chunksOf, failureOf, nothingStaysInFlight, stream } from './gateway.js';

const team = caller('team', { maxRetries: 0 });

afterEach(nothingStaysInFlight);

test('answers with its reasoning', async () => {
  const { choices, usage } = await chat(team, '[[say Hello]]');
  assert(choices[0].message.reasoning_content);
  assert(usage.completion_tokens_details.reasoning_tokens > 0);
});

test('streams reasoning before content', async () => {
  const chunks = await chunksOf(stream(team, '[[say Hello there]]'));
  const reasoning = chunks.findLastIndex((chunk) => chunk.choices[0].delta.reasoning_content);
  const content = chunks.findIndex((chunk) => chunk.choices[0].delta.content);
  assert(reasoning > 0 && reasoning < content);
});

for (const params of [{ model: 'deepseek-chat' }, { thinking: { type: 'disabled' } }, { reasoning_effort: 'none' }]) {
  test(`does not think when told not to: ${JSON.stringify(params)}`, async () => {
    const answer = await chat(team, '[[say Hello]]', params);
    assert(!answer.choices[0].message.reasoning_content);
  });
}

test('retired reasoner thinks', async () => {
  const answer = await chat(team, '[[say Hello]]', { model: 'deepseek-reasoner' });
  assert(answer.choices[0].message.reasoning_content);
});

test('wants its reasoning back where there are tools', async () => {
  const { message } = (await chat(team, QUESTION, { tools: [WEATHER] })).choices[0];
  delete message.reasoning_content;
  const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'Sunny.' };
  const messages = [{ role: 'user', content: QUESTION }, message, result];
  const refused = await failureOf(chat(team, QUESTION, { messages, tools: [WEATHER] }));
  assert(refused instanceof BadRequestError);
  assert.match(refused.message, /reasoning_content/);
});
