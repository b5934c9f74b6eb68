// The models a tenant may call.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { NotFoundError } from 'openai';
import { BASE_URL, caller, chat, failureOf, nothingStaysInFlight } from './gateway.js';

const team = caller('team', { maxRetries: 0 });
const namesOf = async (client) => (await client.models.list()).data.map((model) => model.id);

afterEach(nothingStaysInFlight);

test('lists models', async () => {
  assert.deepEqual(await namesOf(team), ['deepseek-flash', 'deepseek-v4-pro', 'deepseek-chat', 'deepseek-reasoner']);
});

test('retrieves a model', async () => {
  const model = await team.models.retrieve('deepseek-v4-pro');
  assert.equal(model.id, 'deepseek-v4-pro');
  assert.equal(model.object, 'model');
  assert(model.created > 0);
});

test('hides the models of others', async () => {
  const pro = caller('pro');
  assert.deepEqual(await namesOf(pro), ['deepseek-v4-pro']);
  const refused = await failureOf(chat(pro, '[[say Hello]]', { model: 'deepseek-flash' }));
  assert(refused instanceof NotFoundError);
  assert.equal(refused.code, 'model_not_found');
  assert.equal(refused.param, 'model');
});

test('works without /v1 in the base URL', async () => {
  assert((await namesOf(caller('team', { baseURL: BASE_URL.replace(/\/v1$/, '') }))).length > 0);
});
