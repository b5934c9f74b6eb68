// Answers that come as they are written.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { nothingStaysInFlight } from '../node/gateway.js';
import { model, partsOf, stream } from './caller.js';

afterEach(nothingStaysInFlight);

for (const includeUsage of [false, true]) {
  test(`streams text and at last usage, includeUsage: ${includeUsage}`, async () => {
    const asking = model('deepseek-flash', 'team', { includeUsage });
    const answer = stream('[[queue 300ms]] [[say Hello there]]', { model: asking });
    const parts = await partsOf(answer);
    const texts = parts.filter((part) => part.type === 'text-delta').map((part) => part.text);
    assert.equal(texts.join(''), 'Hello there');
    assert.equal(await answer.finishReason, 'stop');
    assert((await answer.usage).outputTokens > 0);
  });
}
