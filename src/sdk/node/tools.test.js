// Tools: called, told their result, streamed, forced, strict.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { BETA_URL, QUESTION, WEATHER, caller, chat, chunksOf, nothingStaysInFlight, stream } from './gateway.js';

const team = caller('team', { maxRetries: 0 });

afterEach(nothingStaysInFlight);

function assertIsTheCall({ name, arguments: json }) {
  assert.equal(name, 'weather');
  assert.deepEqual(Object.keys(JSON.parse(json)), ['city', 'days']);
}

test('calls a tool and takes its result', async () => {
  const { message } = (await chat(team, QUESTION, { tools: [WEATHER] })).choices[0];
  const call = message.tool_calls[0];
  assertIsTheCall(call.function);
  const result = { role: 'tool', tool_call_id: call.id, content: 'Sunny.' };
  const messages = [{ role: 'user', content: QUESTION }, message, result];
  const answer = await chat(team, QUESTION, { messages, tools: [WEATHER] });
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert(answer.choices[0].message.content);
});

test('streams a tool call', async () => {
  const chunks = await chunksOf(stream(team, QUESTION, { tools: [WEATHER] }));
  const parts = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []).map((part) => part.function);
  const all = (field) => parts.map((part) => part[field] ?? '').join('');
  assertIsTheCall({ name: all('name'), arguments: all('arguments') });
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'tool_calls');
});

for (const tool_choice of ['required', { type: 'function', function: { name: 'weather' } }]) {
  test(`is forced to call a tool though models think: ${JSON.stringify(tool_choice)}`, async () => {
    const answer = await chat(team, QUESTION, { tools: [WEATHER], tool_choice });
    assertIsTheCall(answer.choices[0].message.tool_calls[0].function);
  });
}

test('calls a strict tool in beta', async () => {
  const strict = { ...WEATHER, function: { ...WEATHER.function, strict: true } };
  const answer = await chat(caller('team', { baseURL: BETA_URL }), QUESTION, { tools: [strict] });
  assertIsTheCall(answer.choices[0].message.tool_calls[0].function);
});

test("has its tools called by the SDK's own runner", async () => {
  const asked = [];
  const weather = { ...WEATHER.function, parse: JSON.parse, function: (args) => asked.push(args) && 'Sunny.' };
  const runner = team.chat.completions.runTools({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: QUESTION }],
    tools: [{ type: 'function', function: weather }],
  });
  assert(await runner.finalContent());
  assert.equal(asked.length, 1);
});
