// What OpenAI takes and DeepSeek does not: mended where that is possible, else refused in words.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { APICallError, Output } from 'ai';
import { failureOf, nothingStaysInFlight } from '../node/gateway.js';
import { CITY, generate, model } from './caller.js';

afterEach(nothingStaysInFlight);

const output = Output.object({ schema: CITY });

test('a schema is refused with the ways out', async () => {
  const structured = model('deepseek-flash', 'team', { supportsStructuredOutputs: true });
  const refused = await failureOf(generate('Which city?', { model: structured, output }));
  assert(APICallError.isInstance(refused));
  assert.equal(refused.statusCode, 400);
  assert.equal(refused.data.error.param, 'response_format');
  assert.match(refused.message, /json_object/);
});

test('any JSON is answered', async () => {
  const answer = await generate('Answer in json.', { output: Output.json() });
  assert.equal(typeof answer.output, 'object');
});
