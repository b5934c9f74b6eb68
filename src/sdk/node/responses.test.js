// OpenAI's Responses, which DeepSeek serves without a memory of them.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { APIError, BadRequestError, InternalServerError, NotFoundError } from 'openai';
import {
  MODEL,
  QUESTION,
  WEATHER as CHAT_WEATHER,
  caller,
  chunksOf,
  failureOf,
  inFlight,
  nothingStaysInFlight,
} from './gateway.js';

const team = caller('team', { maxRetries: 0 });
const WEATHER = { type: 'function', ...CHAT_WEATHER.function };
const respond = (input, params) => team.responses.create({ model: MODEL, input, ...params });
const stream = (input, params) => respond(input, { stream: true, ...params });
const kindsOf = (answer) => answer.output.map((item) => item.type);
const deltasOf = (events, type) => events.filter((event) => event.type === type).map((event) => event.delta);

afterEach(nothingStaysInFlight);

test('answers', async () => {
  const answer = await respond('[[say Hello there]]');
  assert.equal(answer.status, 'completed');
  assert.equal(answer.output_text, 'Hello there');
  assert.deepEqual(kindsOf(answer), ['reasoning', 'message']);
  assert(answer.usage.output_tokens_details.reasoning_tokens > 0);
});

for (const params of [{ reasoning: { effort: 'none' } }, { model: 'deepseek-chat' }]) {
  test(`does not think when told not to: ${JSON.stringify(params)}`, async () => {
    assert.deepEqual(kindsOf(await respond('[[say Hello]]', params)), ['message']);
  });
}

test('says that it was cut off', async () => {
  const answer = await respond('[[tokens 500]]', { model: 'deepseek-chat', max_output_tokens: 10 });
  assert.equal(answer.status, 'incomplete');
  assert.equal(answer.incomplete_details.reason, 'max_output_tokens');
});

test('streams reasoning, then content, then usage', async () => {
  const events = await chunksOf(stream('[[say Hello there]]'));
  const types = events.map((event) => event.type);
  assert.equal(deltasOf(events, 'response.output_text.delta').join(''), 'Hello there');
  assert(types.lastIndexOf('response.reasoning_text.delta') < types.indexOf('response.output_text.delta'));
  assert.equal(types.at(-1), 'response.completed');
  assert(events.at(-1).response.usage.output_tokens > 0);
});

test("streams through the SDK's own accumulator", async () => {
  const answer = await team.responses.stream({ model: MODEL, input: '[[say Hello there]]' }).finalResponse();
  assert.equal(answer.output_text, 'Hello there');
});

test('calls a tool and takes its result', async () => {
  const { output } = await respond(QUESTION, { tools: [WEATHER] });
  const call = output.at(-1);
  assert.equal(call.type, 'function_call');
  assert.equal(call.name, 'weather');
  const result = { type: 'function_call_output', call_id: call.call_id, output: 'Sunny.' };
  const answer = await respond([{ role: 'user', content: QUESTION }, ...output, result], { tools: [WEATHER] });
  assert(answer.output_text);
});

test('streams a tool call', async () => {
  const events = await chunksOf(stream(QUESTION, { tools: [WEATHER] }));
  const json = deltasOf(events, 'response.function_call_arguments.delta').join('');
  assert.deepEqual(Object.keys(JSON.parse(json)), ['city', 'days']);
});

test('parses by a schema', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  };
  const format = { type: 'json_schema', name: 'city', schema, strict: true };
  const answer = await team.responses.parse({ model: MODEL, input: 'Which city?', text: { format } });
  assert.equal(typeof JSON.parse(answer.output_text).name, 'string');
});

for (const [what, code] of [
  ['[[reset after 5]]', 'upstream_unavailable'],
  ['[[close after 5]]', 'upstream_unavailable'],
  ['[[garbage after 5]]', 'upstream_unavailable'],
  ['[[stall after 5]]', 'upstream_timeout'],
]) {
  test(`half a stream hands out what came, then raises: ${what}`, async () => {
    const events = [];
    const broke = await failureOf(chunksOf(stream(what), events));
    assert(broke instanceof APIError);
    assert.equal(broke.code, code);
    assert.equal(deltasOf(events, 'response.reasoning_text.delta').length, 5);
  });
}

test("the upstream's failures are the SDK's", async () => {
  const refused = await failureOf(respond('[[status 400]]'));
  assert(refused instanceof BadRequestError);
  assert.match(refused.message, /Content Exists Risk/);
  const failed = await failureOf(stream('[[status 503]]'));
  assert(failed instanceof InternalServerError);
  assert.equal(failed.code, 'upstream_unavailable');
});

test('has no memory', async () => {
  const refused = await failureOf(respond('Hello', { previous_response_id: 'resp_1' }));
  assert(refused instanceof BadRequestError);
  assert.match(refused.message, /previous_response_id/);
  const missing = await failureOf(team.responses.retrieve('resp_1'));
  assert(missing instanceof NotFoundError);
  assert.equal(missing.code, 'not_found');
});

test('leaving a stream ends its call', async () => {
  for await (const _event of await stream('[[rate 20]] [[tokens 2000]]')) {
    assert.equal(await inFlight(), 1);
    break;
  }
});
