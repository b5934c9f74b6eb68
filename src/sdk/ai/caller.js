// The Vercel AI SDK, as a tenant's team uses it.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText, tool } from 'ai';
import { z } from 'zod';
import { BASE_URL, key } from '../node/gateway.js';

export const ENDLESS = '[[rate 20]] [[tokens 2000]]';
export const QUESTION = 'What is the weather in Paris?';
export const CITY = z.object({ name: z.string() });
export const WEATHER = {
  weather: tool({
    description: 'The weather in a city.',
    inputSchema: z.object({ city: z.string(), days: z.number().int() }),
    execute: ({ city, days }) => `Sunny in ${city} for ${days} days.`,
  }),
};

/** A model of a tenant's provider. */
export const model = (name = 'deepseek-flash', tenant = 'team', options = {}) =>
  createOpenAICompatible({ name: 'deepgate', baseURL: BASE_URL, apiKey: key(tenant), includeUsage: true, ...options })(
    name,
  );

/** No case waits longer than 30 s; those that are about waiting say how long. */
const call = (prompt, options) => ({ model: model(), prompt, maxRetries: 0, timeout: 30_000, ...options });

export const generate = (prompt, options) => generateText(call(prompt, options));

/** What goes wrong is a part of the stream, as for the SDK's users; without `onError` it would be printed too. */
export const stream = (prompt, options) => streamText(call(prompt, { onError() {}, ...options }));

/** All parts of a stream. */
export async function partsOf(result) {
  const parts = [];
  for await (const part of result.fullStream) {
    parts.push(part);
  }
  return parts;
}
