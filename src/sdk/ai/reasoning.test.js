// Thoughts: seen, streamed before the answer, counted, and turned off.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { nothingStaysInFlight } from '../node/gateway.js';
import { generate, model, partsOf, stream } from './caller.js';

afterEach(nothingStaysInFlight);

test('answers with its thoughts', async () => {
  const answer = await generate('[[say Hello]]');
  assert(answer.reasoningText);
  assert(answer.usage.outputTokenDetails.reasoningTokens > 0);
});

test('streams thoughts before text', async () => {
  const types = (await partsOf(stream('[[say Hello there]]'))).map((part) => part.type);
  assert(types.includes('reasoning-delta'));
  assert(types.lastIndexOf('reasoning-delta') < types.indexOf('text-delta'));
});

for (const options of [
  { model: model('deepseek-chat') },
  { providerOptions: { deepgate: { thinking: { type: 'disabled' } } } },
  { providerOptions: { deepgate: { reasoningEffort: 'none' } } },
]) {
  test(`does not think when told not to: ${JSON.stringify(options.providerOptions ?? 'deepseek-chat')}`, async () => {
    assert(!(await generate('[[say Hello]]', options)).reasoningText);
  });
}
