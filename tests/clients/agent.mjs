// node agent.mjs ADDRESS MODEL [KEY]: an agent with a tool, in the words of each official client, whole and streamed. MODEL calls the tool that
// the user's last words say "call NAME" of, with those words, and repeats what the tool said.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

const [address, model, key = 'none-needed'] = process.argv.slice(2);
const asked = 'please call clock now';
const noon = 'it is noon';
const parameters = { type: 'object', properties: { said: { type: 'string' } }, required: ['said'] };
const description = 'Tells the time.';

// OpenAI's chat
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0, timeout: 30_000 });
const tools = [{ type: 'function', function: { name: 'clock', description, parameters } }];
for (const streams of [false, true]) {
  const messages = [{ role: 'user', content: asked }];
  const ask = async () => (streams ? await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion() : await openai.chat.completions.create({ model, messages, tools })).choices[0];
  const first = await ask();
  assert.equal(first.finish_reason, 'tool_calls');
  const [call] = first.message.tool_calls;
  assert.equal(call.function.name, 'clock');
  assert.deepEqual(JSON.parse(call.function.arguments), { said: asked });
  messages.push({ role: 'assistant', content: null, tool_calls: [{ id: call.id, type: 'function', function: { name: 'clock', arguments: call.function.arguments } }] });
  messages.push({ role: 'tool', tool_call_id: call.id, content: noon });
  const second = await ask();
  assert.equal(second.finish_reason, 'stop');
  assert.match(second.message.content, new RegExp(`${noon}$`));
}

// the same as its own loop does it
const heard = [];
const runner = openai.chat.completions.runTools({
  model,
  messages: [{ role: 'user', content: asked }],
  tools: [{ type: 'function', function: { name: 'clock', description, parameters, parse: JSON.parse, function: ({ said }) => { heard.push(said); return noon; } } }],
});
assert.match(await runner.finalContent(), new RegExp(`${noon}$`));
assert.deepEqual(heard, [asked]);

// OpenAI's responses
const functions = [{ type: 'function', name: 'clock', description, parameters, strict: false }];
for (const streams of [false, true]) {
  const input = [{ role: 'user', content: asked }];
  const ask = () => (streams ? openai.responses.stream({ model, input, tools: functions }).finalResponse() : openai.responses.create({ model, input, tools: functions }));
  const call = (await ask()).output.find((item) => item.type === 'function_call');
  assert.equal(call.name, 'clock');
  assert.deepEqual(JSON.parse(call.arguments), { said: asked });
  input.push({ type: 'function_call', call_id: call.call_id, name: call.name, arguments: call.arguments }, { type: 'function_call_output', call_id: call.call_id, output: noon });
  assert.match((await ask()).output_text, new RegExp(`${noon}$`));
}

// Anthropic's messages
const anthropic = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0, timeout: 30_000 });
for (const streams of [false, true]) {
  const messages = [{ role: 'user', content: asked }];
  const body = () => ({ model, max_tokens: 400, messages, tools: [{ name: 'clock', description, input_schema: parameters }] });
  const ask = () => (streams ? anthropic.messages.stream(body()).finalMessage() : anthropic.messages.create(body()));
  const first = await ask();
  assert.equal(first.stop_reason, 'tool_use');
  const use = first.content.find((block) => block.type === 'tool_use');
  assert.equal(use.name, 'clock');
  assert.deepEqual(use.input, { said: asked });
  messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: noon }] });
  const second = await ask();
  assert.equal(second.stop_reason, 'end_turn');
  assert.match(second.content[0].text, new RegExp(`${noon}$`));
}

// Ollama's chat
const ollama = new Ollama({ host: address });
for (const streams of [false, true]) {
  const messages = [{ role: 'user', content: asked }];
  const ask = async () => {
    if (!streams) return (await ollama.chat({ model, messages, tools })).message;
    const whole = { role: 'assistant', content: '', tool_calls: [] };
    for await (const part of await ollama.chat({ model, messages, tools, stream: true })) {
      whole.content += part.message.content;
      whole.tool_calls.push(...(part.message.tool_calls ?? []));
    }

    return whole;
  };
  const first = await ask();
  assert.equal(first.tool_calls[0].function.name, 'clock');
  assert.deepEqual(first.tool_calls[0].function.arguments, { said: asked });
  messages.push(first, { role: 'tool', tool_name: 'clock', content: noon });
  assert.match((await ask()).content, new RegExp(`${noon}$`));
}

console.log('all good');
