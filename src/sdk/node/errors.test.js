// Every failure is one of the SDK's own classes, and is retried only where that can help.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  RateLimitError,
  UnprocessableEntityError,
} from 'openai';
import { caller, chat, chunksOf, counting, failureOf, key, nothingStaysInFlight, stream } from './gateway.js';

afterEach(nothingStaysInFlight);

const once = () => caller('team', { maxRetries: 0 });

for (const apiKey of [`${key('team')}x`, key('nobody'), 'sk-of-somebody']) {
  test(`wrong key ${apiKey}`, async () => {
    const fetch = counting();
    const refused = await failureOf(chat(caller('team', { apiKey, fetch }), 'Hello'));
    assert(refused instanceof AuthenticationError);
    assert.equal(refused.code, 'invalid_api_key');
    assert(refused.requestID);
    assert.equal(fetch.calls, 1);
  });
}

test("bad request in the upstream's words", async () => {
  const fetch = counting();
  const refused = await failureOf(chat(caller('team', { fetch }), '[[status 400]]'));
  assert(refused instanceof BadRequestError);
  assert.match(refused.message, /Content Exists Risk/);
  assert.equal(refused.code, 'invalid_request_error');
  assert.equal(fetch.calls, 1);
});

test('bad request of the gateway names the parameter', async () => {
  const refused = await failureOf(chat(caller(), 'Hello', { max_tokens: 'many' }));
  assert(refused instanceof BadRequestError);
  assert.equal(refused.param, 'max_tokens');
});

test('unprocessable entity', async () => {
  const refused = await failureOf(chat(caller(), '[[status 422]]'));
  assert(refused instanceof UnprocessableEntityError);
  assert.match(refused.message, /missing field/);
});

for (const [status, answered] of [
  [500, 502],
  [503, 503],
]) {
  test(`upstream failure ${status} is tried again`, async () => {
    const fetch = counting();
    const failed = await failureOf(chat(caller('team', { maxRetries: 1, fetch }), `[[status ${status}]]`));
    assert(failed instanceof InternalServerError);
    assert.equal(failed.status, answered);
    assert.equal(failed.code, 'upstream_unavailable');
    assert.equal(fetch.calls, 2);
  });
}

for (const what of ['[[reset]]', '[[garbage]]']) {
  test(`upstream without an answer: ${what}`, async () => {
    const failed = await failureOf(chat(once(), what));
    assert(failed instanceof InternalServerError);
    assert.equal(failed.status, 502);
    assert.equal(failed.code, 'upstream_unavailable');
  });
}

for (const [status, code] of [
  [401, 'upstream_authentication'],
  [402, 'upstream_insufficient_balance'],
]) {
  test(`what only operators can mend is never tried again: ${status}`, async () => {
    const fetch = counting();
    const failed = await failureOf(chat(caller('team', { maxRetries: 3, fetch }), `[[status ${status}]]`));
    assert(failed instanceof InternalServerError);
    assert.equal(failed.code, code);
    assert.doesNotMatch(JSON.stringify(failed.error), /3750/);
    assert.equal(fetch.calls, 1);
  });
}

test("the upstream's own rate limit says whose it is", async () => {
  const limited = await failureOf(chat(once(), '[[status 429]]'));
  assert(limited instanceof RateLimitError);
  assert.equal(limited.code, 'upstream_rate_limited');
  assert.match(limited.message, /not your tenant's own limit/);
});

test('open circuit', async () => {
  const breaks = caller('breaks', { maxRetries: 0 });
  const codes = [];
  for (let call = 0; call < 4; call++) {
    const failed = await failureOf(chat(breaks, '[[status 503]]'));
    assert(failed instanceof InternalServerError);
    codes.push(failed.code);
  }
  assert(codes.includes('upstream_circuit_open'), codes.join());
});

for (const params of [{ stream: false }, { stream: true }]) {
  test(`the gateway's patience with a silent upstream, ${JSON.stringify(params)}`, async () => {
    const failed = await failureOf(chat(once(), '[[stall]]', params));
    assert(failed instanceof InternalServerError);
    assert.equal(failed.status, 504);
    assert.equal(failed.code, 'upstream_timeout');
  });
}

test("the caller's own patience", async () => {
  const failed = await failureOf(chat(caller('team', { timeout: 500, maxRetries: 0 }), '[[stall]]'));
  assert(failed instanceof APIConnectionTimeoutError);
});

test('half an answer raises', async () => {
  await assert.rejects(chat(once(), '[[reset after 1]]'));
});

for (const [what, code] of [
  ['[[reset after 5]]', 'upstream_unavailable'],
  ['[[close after 5]]', 'upstream_unavailable'],
  ['[[garbage after 5]]', 'upstream_unavailable'],
  ['[[stall after 5]]', 'upstream_timeout'],
]) {
  test(`half a stream hands out what came, then raises: ${what}`, async () => {
    const chunks = [];
    const broke = await failureOf(chunksOf(stream(once(), what), chunks));
    assert(broke instanceof APIError);
    assert.equal(broke.code, code);
    assert.match(broke.message, /^The .*\.$/);
    assert.equal(chunks.filter((chunk) => chunk.choices[0].delta.reasoning_content).length, 5);
  });
}

test('unknown path', async () => {
  const refused = await failureOf(caller().embeddings.create({ model: 'deepseek-flash', input: 'Hello' }));
  assert(refused instanceof APIError);
  assert.equal(refused.code, 'not_found');
  assert.match(refused.message, /\/v1\/chat\/completions/);
});
