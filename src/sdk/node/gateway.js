// The gateway that src/sdk/run has started, as these cases see it from outside.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import OpenAI from 'openai';

export const BASE_URL = `${process.env.GATEWAY_URL}/v1`;
export const BETA_URL = `${process.env.GATEWAY_URL}/beta`;
export const MODEL = 'deepseek-flash';
export const QUICK = { thinking: { type: 'disabled' } };
export const QUESTION = 'What is the weather in Paris?';
export const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
};

/** The API key of a tenant of ../tenants.yaml. */
export const key = (tenant) => `dg-${tenant}-onlyforthesdksuites`;

/** A tenant's team. No case waits longer than 30 s; those that are about waiting say how long. */
export const caller = (tenant = 'team', options = {}) =>
  new OpenAI({ baseURL: BASE_URL, apiKey: key(tenant), timeout: 30_000, ...options });

/** A fetch for `options` that counts how often the SDK calls. */
export function counting() {
  const counted = (...request) => {
    counted.calls++;
    return fetch(...request);
  };
  counted.calls = 0;
  return counted;
}

export const request = (content, params = {}) => ({
  model: MODEL,
  messages: [{ role: 'user', content }],
  ...params,
});

export const chat = (client, content, params) => client.chat.completions.create(request(content, params));

export const stream = (client, content, params) => chat(client, content, { stream: true, ...params });

/** All chunks of a stream; those that came before it broke are in `into`. */
export async function chunksOf(stream, into = []) {
  for await (const chunk of await stream) {
    into.push(chunk);
  }
  return into;
}

export const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('');

/** What `promise` fails with. */
export async function failureOf(promise) {
  let value;
  try {
    value = await promise;
  } catch (failure) {
    return failure;
  }
  assert.fail(`it did not fail but gave ${JSON.stringify(value)}`);
}

/** The open calls of all tenants. */
export async function inFlight() {
  const answer = await fetch(`${process.env.MANAGEMENT_URL}/actuator/prometheus`);
  const meters = (await answer.text()).matchAll(/^gateway_admission_in_flight\{.*\} (\S+)$/gm);
  return [...meters].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** Waits until `holds`, for 10 s at most. */
export async function until(holds) {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    assert(Date.now() < deadline, `waited in vain until ${holds}`);
    await pause(20);
  }
}

export const nothingStaysInFlight = () => until(async () => (await inFlight()) === 0);
