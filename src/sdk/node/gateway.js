// The gateway that src/sdk/run has started, as these cases see it from outside.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import OpenAI from 'openai';

export const BASE_URL = `${process.env.GATEWAY_URL}/v1`;
export const MODEL = 'deepseek-flash';

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

export async function nothingStaysInFlight() {
  const deadline = Date.now() + 10_000;
  while ((await inFlight()) !== 0) {
    assert(Date.now() < deadline, 'calls are still in flight');
    await pause(20);
  }
}
