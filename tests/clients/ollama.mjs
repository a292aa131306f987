// node ollama.mjs ADDRESS EXPECTED: what a program that uses Ollama's official client meets at helix.
import assert from 'node:assert/strict';
import { Ollama } from 'ollama';

const [host, expected] = process.argv.slice(2);
const client = new Ollama({ host });
const messages = [{ role: 'user', content: 'Who are you?' }];

const whole = await client.chat({ model: 'auto', messages });
assert.equal(whole.message.content, expected);
assert.equal(whole.done_reason, 'stop');
assert.ok(whole.eval_count > 0 && whole.prompt_eval_count > 0 && whole.total_duration > 0);

let streamed = '';
let done;
for await (const part of await client.chat({ model: 'auto', messages, stream: true })) {
  streamed += part.message.content;
  done = part.done;
}
assert.equal(streamed, expected);
assert.equal(done, true);

const generated = await client.generate({ model: 'auto', prompt: 'Who are you?' });
assert.equal(generated.response, expected);

const short = await client.generate({ model: 'auto', prompt: 'Who are you?', options: { num_predict: 2 } });
assert.equal(short.done_reason, 'length');

const { models } = await client.list();
assert.ok(models.length > 0);
const shown = await client.show({ model: models[0].name });
assert.ok(shown.capabilities.includes('completion'));
assert.ok(Array.isArray((await client.ps()).models));
assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);

assert.equal((await client.pull({ model: models[0].name })).status, 'success');
const pulled = [];
for await (const part of await client.pull({ model: models[0].name, stream: true })) pulled.push(part.status);
assert.equal(pulled.at(-1), 'success');
const unlisted = await client.pull({ model: 'no-such-model' }).catch((error) => error);
assert.equal(unlisted.status_code, 404);
assert.match(unlisted.message, /qwen3/);

const unknown = await client.chat({ model: 'no-such-model', messages }).catch((error) => error);
assert.equal(unknown.status_code, 404);
assert.match(unknown.message, /no-such-model/);

const aborted = await client.chat({ model: 'auto', messages, stream: true });
for await (const _ of aborted) break;
aborted.abort();

console.log('all good');
