// Who leaves takes the call along.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { APIUserAbortError } from 'openai';
import { QUICK, caller, chat, failureOf, inFlight, nothingStaysInFlight, request, stream, until } from './gateway.js';

const ENDLESS = '[[rate 20]] [[tokens 2000]]';

afterEach(nothingStaysInFlight);

for (const [how, leave] of [
  ['by breaking off its loop', (_chunks, stop) => stop()],
  ['by aborting it', (chunks) => chunks.controller.abort()],
]) {
  test(`leaving a stream ${how} gives the slot back`, async () => {
    const single = caller('single', { maxRetries: 0 });
    const chunks = await stream(single, ENDLESS);
    let stopped = false;
    for await (const _chunk of chunks) {
      assert.equal(await inFlight(), 1);
      leave(chunks, () => (stopped = true));
      if (stopped) break;
    }
    await nothingStaysInFlight();
    const answer = await chat(single, '[[say ok]]', QUICK);
    assert.equal(answer.choices[0].message.content, 'ok');
  });
}

test('an aborted call ends', async () => {
  const abort = new AbortController();
  const team = caller('team', { maxRetries: 0 });
  const aborted = failureOf(team.chat.completions.create(request(ENDLESS), { signal: abort.signal }));
  await until(async () => (await inFlight()) === 1);
  abort.abort();
  assert((await aborted) instanceof APIUserAbortError);
});
