// node session.mjs ADDRESS NAME [KEY]: replays sessions/NAME.jsonl, what an agent tool sends in one session, over plain HTTP. Written after the public shapes of
// the tools' requests, with words of our own; one request in each line:
//   path, headers, body   as the tool sends them, but for its key
//   dropped               what helix says in x-helix-dropped
//   answer                "call", "text", "either" (who is free to choose), or "count"
//   made                  ids of the calls that the tool was answered, by which its later requests go on
//   like                  of a count: the line, from 1, whose prompt is as long
// Later requests go on from what was really answered: the recorded calls in them, and their ids, are replaced. Each request is sent streamed, as the tool does, and
// whole, at temperature 0, without which no two answers have to agree; what is checked then holds whatever the model says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { check, nameless } from './calls.mjs';

const [address, name, key = 'none-needed'] = process.argv.slice(2);
const lines = (await readFile(new URL(`sessions/${name}.jsonl`, import.meta.url), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));

/** What was really called, by the recorded ids. */
const made = new Map();

function renewed(value) {
  if (Array.isArray(value)) return value.map(renewed);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.fromEntries(Object.entries(value).map(([member, its]) => [member, renewed(its)]));
  const recorded = { tool_use: value.id, tool_result: value.tool_use_id, function_call: value.call_id, function_call_output: value.call_id }[value.type];
  if (recorded === undefined) return own;
  const call = made.get(recorded);
  assert.ok(call, `${recorded} was called in no earlier line`);
  switch (value.type) {
    case 'tool_use': return { ...own, id: call.id, name: call.name, input: call.input };
    case 'tool_result': return { ...own, tool_use_id: call.id };
    case 'function_call': return { ...own, call_id: call.id, name: call.name, arguments: JSON.stringify(call.input) };
    default: return { ...own, call_id: call.id };
  }
}

/** The events of a stream, without comments; each has the type under which it was sent. */
const events = (text) => text.split('\n\n').map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith(':'))).filter((block) => block.length > 0).map((block) => {
  const [event, data] = ['event: ', 'data: '].map((field) => block.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length)).join('\n'));
  const told = JSON.parse(data);
  assert.equal(told.type, event);
  return told;
});

// Anthropic's messages
const messages = {
  /** A message of its events: one block after the other, each opened, told and closed. */
  join: (told) => {
    const [start, ...blocks] = told.filter(({ type }) => type !== 'ping');
    const [delta, stop] = blocks.splice(-2);
    assert.deepEqual([start.type, delta.type, stop.type], ['message_start', 'message_delta', 'message_stop']);
    const content = [];
    let open = false;
    for (const event of blocks) {
      assert.equal(open, event.type !== 'content_block_start', event.type);
      if (!open) content.push({ ...event.content_block, json: '' });
      open = event.type !== 'content_block_stop';
      assert.equal(event.index, content.length - 1);
      const block = content.at(-1);
      if (event.type === 'content_block_delta') {
        assert.equal({ text: 'text_delta', tool_use: 'input_json_delta' }[block.type], event.delta.type);
        if (block.type === 'text') block.text += event.delta.text;
        else block.json += event.delta.partial_json;
      } else if (event.type === 'content_block_stop' && block.type === 'tool_use') block.input = JSON.parse(block.json);
    }

    assert.equal(open, false);
    return { ...start.message, content, stop_reason: delta.delta.stop_reason, usage: delta.usage };
  },
  view: ({ type, role, content, stop_reason, usage }) => {
    assert.deepEqual([type, role], ['message', 'assistant']);
    return {
      calls: content.filter((block) => block.type === 'tool_use').map(({ id, name: tool, input }) => ({ id, name: tool, input })),
      text: content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
      end: { tool_use: 'call', end_turn: 'text' }[stop_reason],
      prompt: usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens,
    };
  },
  offered: ({ tools }) => Object.fromEntries((tools ?? []).map((tool) => [tool.name, tool.input_schema])),
};

// OpenAI's responses
const responses = {
  /** The response of its events, which are numbered; what was told of each call piece by piece is what it is told to be at the end. */
  join: (told) => {
    assert.deepEqual(told.map((event) => event.sequence_number), told.map((_, at) => at));
    assert.equal(told[0].type, 'response.created');
    assert.equal(told.at(-1).type, 'response.completed');
    const { response } = told.at(-1);
    const pieces = (type, id) => told.filter((event) => event.type === type && event.item_id === id).map((event) => event.delta).join('');
    for (const item of response.output) {
      assert.deepEqual(told.filter((event) => event.type === 'response.output_item.done' && event.item.id === item.id).map((event) => event.item), [item]);
      if (item.type === 'function_call') assert.equal(pieces('response.function_call_arguments.delta', item.id), item.arguments);
      if (item.type === 'message') assert.equal(pieces('response.output_text.delta', item.id), item.content.map((part) => part.text).join(''));
    }

    return response;
  },
  view: ({ status, output, usage }) => {
    assert.equal(status, 'completed');
    const calls = output.filter((item) => item.type === 'function_call').map((item) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) }));
    const text = output.filter((item) => item.type === 'message').flatMap((item) => item.content).map((part) => part.text).join('');
    return { calls, text, end: calls.length > 0 ? 'call' : 'text', prompt: usage.input_tokens };
  },
  offered: ({ tools }) => Object.fromEntries((tools ?? []).map((tool) => [tool.name, tool.parameters])),
};

async function send({ path, headers, dropped = [] }, body) {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    // each answer is to be computed, and not remembered
    headers: { ...headers, authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-helix-cache': 'off' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get('x-helix-provider'), 'llamacpp');
  assert.deepEqual((response.headers.get('x-helix-dropped') ?? '').split(',').filter(Boolean).sort(), [...dropped].sort());
  return text;
}

const ids = new Set();
const prompts = [];
for (const line of lines) {
  const body = renewed(line.body);
  if (line.answer === 'count') {
    const { input_tokens } = JSON.parse(await send(line, body));
    assert.equal(input_tokens, prompts[line.like - 1]);
    prompts.push(input_tokens);
    continue;
  }

  const dialect = line.path.startsWith('/v1/messages') ? messages : responses;
  const whole = dialect.view(JSON.parse(await send(line, { ...body, stream: false, temperature: 0 })));
  const answer = dialect.view(dialect.join(events(await send(line, { ...body, stream: true, temperature: 0 }))));
  for (const { calls } of [whole, answer]) check(calls, dialect.offered(body), ids);
  assert.deepEqual({ ...answer, calls: nameless(answer.calls) }, { ...whole, calls: nameless(whole.calls) });
  assert.equal(answer.end, answer.calls.length > 0 ? 'call' : 'text');
  assert.ok(answer.calls.length > 0 || answer.text !== '');
  if (line.answer !== 'either') assert.equal(answer.end, line.answer);
  assert.ok(answer.prompt > 0);
  prompts.push(answer.prompt);
  // of several calls as many are gone on from as were recorded
  for (const [at, id] of (line.made ?? []).entries()) made.set(id, answer.calls[at] ?? assert.fail(`there is no call for ${id}`));
}

console.log('all good');
