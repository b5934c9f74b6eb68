// Who leaves takes the call along.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { failureOf, inFlight, nothingStaysInFlight, until } from '../node/gateway.js';
import { ENDLESS, generate, model, stream } from './caller.js';

afterEach(nothingStaysInFlight);

test('aborting a stream gives the slot back', async () => {
  const abort = new AbortController();
  const single = model('deepseek-chat', 'single');
  const types = [];
  for await (const part of stream(ENDLESS, { model: single, abortSignal: abort.signal }).fullStream) {
    if (part.type === 'text-delta' && !abort.signal.aborted) {
      assert.equal(await inFlight(), 1);
      abort.abort();
    }
    types.push(part.type);
  }
  assert.equal(types.at(-1), 'abort');
  await nothingStaysInFlight();
  assert.equal((await generate('[[say ok]]', { model: single })).text, 'ok');
});

test('an aborted call ends', async () => {
  const abort = new AbortController();
  const aborted = failureOf(generate(ENDLESS, { abortSignal: abort.signal }));
  await until(async () => (await inFlight()) === 1);
  abort.abort();
  assert.equal((await aborted).name, 'AbortError');
});
