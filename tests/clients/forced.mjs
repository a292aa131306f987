// node forced.mjs ADDRESS MODEL [KEY]: an agent with two tools goes through several turns, in the words of each official client, whole and streamed. Of MODEL
// is asked only that it calls a tool where the user says so or where it is held to; what is checked of its calls holds whatever it says.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { check, nameless } from './calls.mjs';

const [address, model, key = 'none-needed'] = process.argv.slice(2);
// each answer is to be computed, and not remembered
const headers = { 'x-helix-cache': 'off' };
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0, timeout: 30_000, defaultHeaders: headers });
const anthropic = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0, timeout: 30_000, defaultHeaders: headers });
const ollama = new Ollama({ host: address, headers: { ...headers, authorization: `Bearer ${key}` } });

const system = 'You help with files.';
const result = 'two lines\nof text';
const last = 'What did you find?';
const most = 400;
const tools = [
  {
    name: 'Read',
    description: 'Reads a file.',
    parameters: { type: 'object', properties: { file_path: { type: 'string', maxLength: 60 }, part: { type: 'string', enum: ['head', 'tail'] } }, required: ['file_path'], additionalProperties: false },
  },
  {
    name: 'Glob',
    description: 'Finds files by their names.',
    parameters: { type: 'object', properties: { pattern: { type: 'string', maxLength: 40 }, kind: { type: 'string', enum: ['file', 'folder'] }, deep: { type: 'boolean' } }, required: ['pattern', 'kind'], additionalProperties: false },
  },
];
const offered = Object.fromEntries(tools.map(({ name, parameters }) => [name, parameters]));

// What is said before the model is asked, and how free it is: it must call, or it may, or it must call the function of this name. Ollama's clients cannot say.
const turns = [
  { words: 'Please call Read on notes.txt.', choice: 'Read' },
  { choice: 'must' },
  { words: 'And now please call Glob.', choice: 'may' },
];

// OpenAI's chat
const chat = (streams) => {
  const messages = [{ role: 'system', content: system }];
  const functions = tools.map((tool) => ({ type: 'function', function: tool }));
  const choices = { must: 'required', may: 'auto', none: 'none', Read: { type: 'function', function: { name: 'Read' } } };
  return {
    say: (words) => messages.push({ role: 'user', content: words }),
    hear: ({ text, calls }) => {
      messages.push({ role: 'assistant', content: text || null, tool_calls: calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } })) });
      messages.push(...calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: result })));
    },
    ask: async (choice) => {
      const body = { model, messages, tools: functions, tool_choice: choices[choice], temperature: 0, seed: 7, max_tokens: most };
      const answer = streams ? await openai.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion() : await openai.chat.completions.create(body);
      const { message, finish_reason } = answer.choices[0];
      const calls = (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) }));
      return { calls, text: message.content ?? '', end: { tool_calls: 'calls', stop: 'says' }[finish_reason], prompt: answer.usage.prompt_tokens };
    },
  };
};

// OpenAI's responses
const responses = (streams) => {
  const input = [];
  const functions = tools.map((tool) => ({ type: 'function', ...tool, strict: false }));
  const choices = { must: 'required', may: 'auto', none: 'none', Read: { type: 'function', name: 'Read' } };
  return {
    say: (words) => input.push({ role: 'user', content: words }),
    hear: ({ text, calls }) => {
      if (text) input.push({ role: 'assistant', content: text });
      input.push(...calls.map(({ id, name, input: its }) => ({ type: 'function_call', call_id: id, name, arguments: JSON.stringify(its) })));
      input.push(...calls.map(({ id }) => ({ type: 'function_call_output', call_id: id, output: result })));
    },
    ask: async (choice) => {
      const body = { model, instructions: system, input, tools: functions, tool_choice: choices[choice], temperature: 0, max_output_tokens: most, store: false };
      const answer = streams ? await openai.responses.stream(body).finalResponse() : await openai.responses.create(body);
      assert.equal(answer.status, 'completed');
      const calls = answer.output.filter((item) => item.type === 'function_call').map((item) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) }));
      return { calls, text: answer.output_text, end: calls.length > 0 ? 'calls' : 'says', prompt: answer.usage.input_tokens };
    },
  };
};

// Anthropic's messages
const messages = (streams) => {
  const turn = [];
  const functions = tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters }));
  const choices = { must: { type: 'any' }, may: { type: 'auto' }, none: { type: 'none' }, Read: { type: 'tool', name: 'Read' } };
  // what the user says after a tool was heard stands in one message with what was heard
  const user = (...blocks) => (turn.at(-1)?.role === 'user' ? turn.at(-1).content.push(...blocks) : turn.push({ role: 'user', content: blocks }));
  return {
    say: (words) => user({ type: 'text', text: words }),
    hear: ({ text, calls }) => {
      turn.push({ role: 'assistant', content: [...(text ? [{ type: 'text', text }] : []), ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input }))] });
      user(...calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: result })));
    },
    ask: async (choice) => {
      const body = { model, system, messages: turn, tools: functions, tool_choice: choices[choice], temperature: 0, max_tokens: most };
      const answer = streams ? await anthropic.messages.stream(body).finalMessage() : await anthropic.messages.create(body);
      return {
        calls: answer.content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, input })),
        text: answer.content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
        end: { tool_use: 'calls', end_turn: 'says' }[answer.stop_reason],
        prompt: answer.usage.input_tokens + answer.usage.cache_read_input_tokens,
      };
    },
  };
};

// Ollama's chat
const ollamas = (streams) => {
  const history = [{ role: 'system', content: system }];
  const functions = tools.map((tool) => ({ type: 'function', function: tool }));
  return {
    say: (words) => history.push({ role: 'user', content: words }),
    hear: ({ text, calls }) => {
      history.push({ role: 'assistant', content: text, tool_calls: calls.map(({ name, input }) => ({ function: { name, arguments: input } })) });
      history.push(...calls.map(({ name }) => ({ role: 'tool', tool_name: name, content: result })));
    },
    ask: async (choice) => {
      const body = { model, messages: history, ...(choice === 'none' ? {} : { tools: functions }), options: { temperature: 0, seed: 7, num_predict: most } };
      const parts = [];
      if (streams) for await (const part of await ollama.chat({ ...body, stream: true })) parts.push(part);
      else parts.push(await ollama.chat(body));
      const calls = parts.flatMap((part) => part.message.tool_calls ?? []).map((call) => ({ name: call.function.name, input: call.function.arguments }));
      assert.equal(parts.at(-1).done_reason, 'stop');
      return { calls, text: parts.map((part) => part.message.content).join(''), end: calls.length > 0 ? 'calls' : 'says', prompt: parts.at(-1).prompt_eval_count };
    },
  };
};

/** Goes through the turns, checks each, and gives what was called and said in each and how long each prompt was. */
async function session(talk, said) {
  const ids = new Set();
  const heard = [];
  for (const { words, choice } of said) {
    if (words) talk.say(words);
    const answer = await talk.ask(choice);
    assert.equal(answer.end, 'calls');
    assert.ok(answer.calls.length > 0);
    check(answer.calls, offered, ids);
    talk.hear(answer);
    heard.push({ calls: nameless(answer.calls), text: answer.text, prompt: answer.prompt });
  }

  // each turn adds to the one before: what was said, called and heard did not get lost on its way
  assert.ok(heard.every((each, at) => at === 0 || each.prompt > heard[at - 1].prompt), JSON.stringify(heard));

  talk.say(last);
  const { calls, text, end, prompt } = await talk.ask('none');
  assert.deepEqual(calls, []);
  assert.equal(end, 'says');
  assert.notEqual(text, '');
  return [...heard, { text, prompt }];
}

const views = [];
for (const dialect of [chat, responses, messages]) {
  const whole = await session(dialect(false), turns);
  assert.deepEqual(await session(dialect(true), turns), whole);
  views.push(whole);
}

// the same model was asked the same, to the token: it called and said the same
assert.deepEqual(views[1], views[0]);
assert.deepEqual(views[2], views[0]);

const free = turns.filter(({ words }) => words);
const whole = await session(ollamas(false), free);
assert.deepEqual(await session(ollamas(true), free), whole);

console.log('all good');
