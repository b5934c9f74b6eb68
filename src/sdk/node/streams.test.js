// Answers that come as they are written.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { caller, chunksOf, nothingStaysInFlight, request, stream, textOf } from './gateway.js';

const team = caller('team', { maxRetries: 0 });

afterEach(nothingStaysInFlight);

for (const params of [{}, { stream_options: { include_usage: true } }]) {
  test(`streams content and at last usage, with ${JSON.stringify(params)}`, async () => {
    const chunks = await chunksOf(stream(team, '[[say Hello there]]', params));
    assert.equal(textOf(chunks), 'Hello there');
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.deepEqual(
      chunks.filter((chunk) => chunk.usage),
      [chunks.at(-1)],
    );
  });
}

test('streams after comments from the queue', async () => {
  assert.equal(textOf(await chunksOf(stream(team, '[[queue 300ms]] [[say Hello]]'))), 'Hello');
});

test('streams usage in a chunk of its own to who asks for it', async () => {
  const chunks = await chunksOf(stream(team, '[[usage separate]]', { stream_options: { include_usage: true } }));
  assert.deepEqual(chunks.at(-1).choices, []);
  assert(chunks.at(-1).usage.completion_tokens > 0);
});

test("streams through the SDK's own accumulator", async () => {
  const answer = await team.chat.completions.stream(request('[[say Hello there]]')).finalChatCompletion();
  assert.equal(answer.choices[0].message.content, 'Hello there');
});
