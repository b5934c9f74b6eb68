// Every failure is the SDK's APICallError, or the error part of a stream, and is tried again only where that can help.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { APICallError, RetryError } from 'ai';
import { counting, failureOf, nothingStaysInFlight } from '../node/gateway.js';
import { generate, model, partsOf, stream } from './caller.js';

afterEach(nothingStaysInFlight);

const errorOf = async (result) => (await partsOf(result)).find((part) => part.type === 'error')?.error;

for (const [question, status, code] of [
  ['[[status 400]]', 400, 'invalid_request_error'],
  ['[[status 401]]', 503, 'upstream_authentication'],
  ['[[status 429]]', 429, 'upstream_rate_limited'],
  ['[[status 503]]', 503, 'upstream_unavailable'],
  ['[[reset]]', 502, 'upstream_unavailable'],
  ['[[stall]]', 504, 'upstream_timeout'],
]) {
  for (const [how, ask] of [
    ['generated', (prompt) => failureOf(generate(prompt))],
    ['streamed', (prompt) => errorOf(stream(prompt))],
  ]) {
    test(`${question}, ${how}`, async () => {
      const failed = await ask(question);
      assert(APICallError.isInstance(failed));
      assert.equal(failed.statusCode, status);
      assert.equal(failed.data.error.code, code);
    });
  }
}

test('wrong key', async () => {
  const stranger = model('deepseek-flash', 'team', { apiKey: 'sk-of-somebody' });
  const refused = await failureOf(generate('Hello', { model: stranger }));
  assert.equal(refused.statusCode, 401);
  assert.equal(refused.data.error.code, 'invalid_api_key');
});

test('model of others', async () => {
  const refused = await failureOf(generate('Hello', { model: model('deepseek-flash', 'pro') }));
  assert.equal(refused.statusCode, 404);
  assert.equal(refused.data.error.code, 'model_not_found');
});

test('spent limit', async () => {
  const limited = async () => {
    for (let call = 0; call < 3; call++) {
      await generate('[[say ok]]', { model: model('deepseek-chat', 'tokens') });
    }
  };
  const refused = await failureOf(limited());
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.data.error.code, 'rate_limit_exceeded');
  assert(Number(refused.responseHeaders['retry-after-ms']) > 0);
});

test('bad requests are not tried again', async () => {
  const fetch = counting();
  const counted = model('deepseek-flash', 'team', { fetch });
  assert.equal((await failureOf(generate('[[status 400]]', { model: counted, maxRetries: 1 }))).statusCode, 400);
  assert.equal(fetch.calls, 1);
});

test("the upstream's failures are tried again", async () => {
  const fetch = counting();
  const counted = model('deepseek-flash', 'team', { fetch });
  const failed = await failureOf(generate('[[status 503]]', { model: counted, maxRetries: 1 }));
  assert(RetryError.isInstance(failed));
  assert.equal(fetch.calls, 2);
});

test('half an answer raises', async () => {
  await assert.rejects(generate('[[reset after 1]]'));
});

for (const [what, said] of [
  ['[[reset after 5]]', /upstream/],
  ['[[close after 5]]', /upstream/],
  ['[[garbage after 5]]', /upstream/],
  ['[[stall after 5]]', /upstream sent no further content/],
]) {
  test(`half a stream hands out what came, then tells: ${what}`, async () => {
    const parts = await partsOf(stream(what));
    const error = parts.find((part) => part.type === 'error')?.error;
    assert.match(error?.message ?? String(error), said);
    assert.equal(parts.filter((part) => part.type === 'reasoning-delta').length, 5);
  });
}
