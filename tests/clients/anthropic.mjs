// node anthropic.mjs ADDRESS EXPECTED [KEY]: what a program that uses Anthropic's official client meets at helix.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, expected, apiKey = 'none-needed'] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });
const messages = [{ role: 'user', content: 'Who are you?' }];

const whole = await client.messages.create({ model: 'auto', max_tokens: 400, messages });
assert.equal(whole.content[0].text, expected);
assert.equal(whole.stop_reason, 'end_turn');
assert.ok(whole.usage.input_tokens + whole.usage.cache_read_input_tokens > 0 && whole.usage.output_tokens > 0);

const stream = client.messages.stream({ model: 'auto', max_tokens: 400, system: 'Be kind.', messages });
let streamed = '';
stream.on('text', (text) => { streamed += text; });
const last = await stream.finalMessage();
assert.equal(streamed, expected);
assert.equal(last.content[0].text, expected);
assert.equal(last.stop_reason, 'end_turn');
assert.ok(last.usage.output_tokens > 0);

const short = await client.messages.create({ model: 'auto', max_tokens: 2, messages });
assert.equal(short.stop_reason, 'max_tokens');

const count = await client.messages.countTokens({ model: 'auto', messages });
assert.equal(count.input_tokens, whole.usage.input_tokens + whole.usage.cache_read_input_tokens);

const models = [];
for await (const model of client.models.list()) models.push(model);
assert.ok(models.length > 0 && models.every((model) => model.type === 'model' && model.display_name.length > 0 && !Number.isNaN(Date.parse(model.created_at))));
assert.equal((await client.models.retrieve(models[0].id)).id, models[0].id);
const missing = await client.models.retrieve('no-such-model').catch((error) => error);
assert.ok(missing instanceof Anthropic.NotFoundError, String(missing));

const unknown = await client.messages.create({ model: 'no-such-model', max_tokens: 9, messages }).catch((error) => error);
assert.ok(unknown instanceof Anthropic.NotFoundError, String(unknown));
assert.match(unknown.message, /no-such-model/);

const bad = await client.messages.create({ model: 'auto', messages }).catch((error) => error);
assert.ok(bad instanceof Anthropic.BadRequestError, String(bad));
assert.match(bad.message, /max_tokens/);

const aborted = client.messages.stream({ model: 'auto', max_tokens: 400, messages });
for await (const _ of aborted) break;
assert.ok(aborted.controller.signal.aborted);

console.log('all good');
