// node openai.mjs ADDRESS EXPECTED [KEY]: what a program that uses OpenAI's official client meets at helix.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [baseURL, expected, apiKey = 'none-needed'] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });
const messages = [{ role: 'user', content: 'Who are you?' }];

const whole = await client.chat.completions.create({ model: 'auto', messages });
assert.equal(whole.choices[0].message.content, expected);
assert.equal(whole.choices[0].finish_reason, 'stop');

let streamed = '';
let usage;
for await (const chunk of await client.chat.completions.create({ model: 'auto', messages, stream: true, stream_options: { include_usage: true } })) {
  streamed += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(streamed, expected);
assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);

const helped = client.chat.completions.stream({ model: 'auto', messages });
assert.equal((await helped.finalChatCompletion()).choices[0].message.content, expected);

const response = await client.responses.create({ model: 'auto', instructions: 'Be brief.', input: 'Who are you?' });
assert.equal(response.output_text, expected);
assert.equal(response.status, 'completed');
assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);

let told = '';
const events = [];
for await (const event of await client.responses.create({ model: 'auto', input: [{ role: 'user', content: [{ type: 'input_text', text: 'Who are you?' }] }], stream: true })) {
  events.push(event.type);
  if (event.type === 'response.output_text.delta') told += event.delta;
}
assert.equal(told, expected);
assert.equal(events[0], 'response.created');
assert.equal(events.at(-1), 'response.completed');
assert.equal((await client.responses.stream({ model: 'auto', input: 'Who are you?' }).finalResponse()).output_text, expected);

const kept = await client.responses.create({ model: 'auto', input: 'And then?', previous_response_id: response.id }).catch((error) => error);
assert.ok(kept instanceof OpenAI.BadRequestError, String(kept));
assert.equal(kept.param, 'previous_response_id');

const models = [];
for await (const model of client.models.list()) models.push(model.id);
assert.ok(models.length > 0);

const one = await client.models.retrieve(models[0]);
assert.equal(one.id, models[0]);

const unknown = await client.chat.completions.create({ model: 'no-such-model', messages }).catch((error) => error);
assert.ok(unknown instanceof OpenAI.NotFoundError, String(unknown));
assert.equal(unknown.code, 'model_not_found');
assert.match(unknown.message, new RegExp(models[0]));
assert.ok(unknown.requestID);

const bad = await client.chat.completions.create({ model: 'auto', messages, temperature: 7 }).catch((error) => error);
assert.ok(bad instanceof OpenAI.BadRequestError, String(bad));
assert.equal(bad.param, 'temperature');

const tools = [{ type: 'function', function: { name: 'clock', parameters: { type: 'object', properties: {} } } }];
const unable = await client.chat.completions.create({ model: models[0], messages, tools }).catch((error) => error);
assert.ok(unable instanceof OpenAI.BadRequestError, String(unable));
assert.equal(unable.param, 'tools');

const aborted = await client.chat.completions.create({ model: 'auto', messages, stream: true });
for await (const _ of aborted) break;
assert.ok(aborted.controller.signal.aborted);

console.log('all good');
