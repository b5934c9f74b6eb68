// Tools: called, told their result, streamed, forced.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { isStepCount } from 'ai';
import { nothingStaysInFlight } from '../node/gateway.js';
import { QUESTION, WEATHER, generate, partsOf, stream } from './caller.js';

afterEach(nothingStaysInFlight);

const TWO_STEPS = { tools: WEATHER, stopWhen: isStepCount(2) };

function assertIsTheCall({ toolName, input }) {
  assert.equal(toolName, 'weather');
  assert.deepEqual(Object.keys(input), ['city', 'days']);
}

test('calls a tool and takes its result, and its thoughts back', async () => {
  const answer = await generate(QUESTION, TWO_STEPS);
  assert.equal(answer.steps.length, 2);
  assertIsTheCall(answer.steps[0].toolCalls[0]);
  assert(answer.steps[0].reasoningText);
  assert(answer.text);
});

test('streams a tool call and what is made of its result', async () => {
  const answer = stream(QUESTION, TWO_STEPS);
  const parts = await partsOf(answer);
  assertIsTheCall(parts.find((part) => part.type === 'tool-call'));
  assert.equal((await answer.steps).length, 2);
  assert(await answer.text);
});

for (const toolChoice of ['required', { type: 'tool', toolName: 'weather' }]) {
  test(`is forced to call a tool though models think: ${JSON.stringify(toolChoice)}`, async () => {
    assertIsTheCall((await generate(QUESTION, { tools: WEATHER, toolChoice })).toolCalls[0]);
  });
}
