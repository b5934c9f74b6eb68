// A tenant's limits, as the SDK meets them.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { RateLimitError } from 'openai';
import { QUICK, caller, chat, counting, failureOf, nothingStaysInFlight, stream } from './gateway.js';

afterEach(nothingStaysInFlight);

/** Calls until the limit is spent. */
async function spend(client, calls) {
  return failureOf(
    (async () => {
      for (let call = 0; call < calls; call++) {
        await chat(client, '[[say ok]]', QUICK);
      }
    })(),
  );
}

for (const [tenant, kind] of [
  ['minute', 'requests'],
  ['tokens', 'tokens'],
]) {
  test(`spent limit: ${kind}`, async () => {
    const limited = await spend(caller(tenant, { maxRetries: 0 }), 3);
    assert(limited instanceof RateLimitError);
    assert.equal(limited.code, 'rate_limit_exceeded');
    assert.equal(limited.type, kind);
    assert(Number(limited.headers.get('retry-after-ms')) > 0);
    assert.equal(limited.headers.get(`x-ratelimit-remaining-${kind}`), '0');
  });
}

test('spent concurrency', async () => {
  const single = caller('single', { maxRetries: 0 });
  const holder = await stream(single, '[[rate 2]] [[tokens 120]]');
  try {
    const limited = await failureOf(chat(single, '[[say ok]]'));
    assert(limited instanceof RateLimitError);
    assert.equal(limited.code, 'rate_limit_exceeded');
    assert.equal(limited.type, 'concurrency');
  } finally {
    holder.controller.abort();
  }
});

test('spent limit is waited out by the SDK', async () => {
  const fetch = counting();
  const patient = caller('second', { maxRetries: 5, fetch });
  let answers = 0;
  while (fetch.calls === answers) {
    const answer = await chat(patient, '[[say ok]]', QUICK);
    assert.equal(answer.choices[0].message.content, 'ok');
    assert(++answers < 200, 'the limit was never spent');
  }
});
