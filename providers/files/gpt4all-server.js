// A small OpenAI server around the npm package gpt4all: one model, one answer at a time, on a unix socket.
//   node server.js --socket /path/engine.sock --model /path/model.gguf --name NAME [--context TOKENS] [--threads N]
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const options = readOptions(process.argv.slice(2));
const mostWaiting = 64;
const mostBody = 4 << 20;
let model = null;
let waiting = 0;
let turn = Promise.resolve();

function readOptions(words) {
  const known = { '--socket': null, '--model': null, '--name': null, '--context': '2048', '--threads': '1' };
  for (let i = 0; i < words.length; i += 2) {
    if (!(words[i] in known) || i + 1 >= words.length) fail(`there is no option ${words[i]}; there are ${Object.keys(known).join(', ')}, each with a value`);
    known[words[i]] = words[i + 1];
  }
  for (const name of ['--socket', '--model', '--name']) if (!known[name]) fail(`${name} is missing`);
  return { socket: known['--socket'], model: known['--model'], name: known['--name'], context: Number(known['--context']), threads: Number(known['--threads']) };
}

function fail(why) {
  console.error(`gpt4all server: ${why}`);
  process.exit(2);
}

// A request that cannot be answered.
class Refusal extends Error {
  constructor(status, code, message, param = null) {
    super(message);
    Object.assign(this, { status, code, param });
  }
}

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendRefusal(response, refusal) {
  const status = refusal.status ?? 500;
  const error = { message: refusal.message, type: status < 500 ? 'invalid_request_error' : 'server_error', code: refusal.code ?? 'internal', param: refusal.param ?? null };
  if (status >= 500) console.error(refusal.status ? refusal.message : refusal);
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify({ error })}\n\n`);
    return;
  }
  if (status === 503) response.setHeader('retry-after', '1');
  sendJson(response, status, { error });
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => sendRefusal(response, error));
});

async function answer(request, response) {
  const url = request.url.split('?')[0];
  if (request.method === 'GET' && url === '/health') return sendJson(response, model ? 200 : 503, { status: model ? 'ok' : 'loading' });
  if (request.method === 'GET' && url === '/v1/models') {
    return sendJson(response, 200, { object: 'list', data: model ? [{ id: options.name, object: 'model', created: 0, owned_by: 'gpt4all' }] : [] });
  }
  const isChat = url === '/v1/chat/completions';
  if (request.method !== 'POST' || !(isChat || url === '/v1/completions')) throw new Refusal(404, 'not_found', `${request.method} ${url} is not known`);
  if (!model) throw new Refusal(503, 'loading', 'the model is being loaded');
  const wish = readWish(await readBody(request), isChat);
  if (waiting >= mostWaiting) throw new Refusal(503, 'overloaded', `${mostWaiting} requests wait already; try again later`);
  waiting++;
  const mine = turn.then(() => generate(wish, response));
  turn = mine.catch(() => {});
  try {
    await mine;
  } finally {
    waiting--;
  }
}

async function readBody(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > mostBody) throw new Refusal(413, 'too_large', `the body has more than ${mostBody} bytes`);
    parts.push(part);
  }
  let body;
  try {
    body = JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new Refusal(400, 'invalid_json', `the body is no JSON: ${error.message}`);
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new Refusal(400, 'invalid_json', 'the body must be an object');
  return body;
}

function readWish(body, isChat) {
  // what would change the answer and cannot be done is refused; an absent, empty or harmless value asks nothing
  for (const name of ['tools', 'functions', 'logprobs', 'logit_bias', 'suffix', 'echo', 'audio']) {
    const value = body[name];
    if (value && !(Array.isArray(value) && value.length === 0)) throw new Refusal(400, 'unsupported_parameter', `${name} is not possible with GPT4All`, name);
  }
  if (body.response_format && body.response_format.type !== 'text') throw new Refusal(400, 'unsupported_parameter', 'response_format is not possible with GPT4All', 'response_format');
  if ((body.n ?? 1) !== 1) throw new Refusal(400, 'unsupported_parameter', 'n is not possible with GPT4All: it gives one answer a request', 'n');
  const stops = body.stop == null ? [] : [].concat(body.stop);
  if (stops.some((stop) => typeof stop !== 'string' || stop === '')) throw new Refusal(400, 'invalid_value', 'stop must be a text or a list of texts, none of them empty', 'stop');
  const most = number(body, 'max_completion_tokens', 1, 1e9) ?? number(body, 'max_tokens', 1, 1e9) ?? options.context;
  return {
    isChat,
    stops,
    stream: body.stream === true,
    usage: body.stream_options?.include_usage === true,
    most: Math.min(Math.floor(most), options.context),
    temperature: number(body, 'temperature', 0, 2) ?? 0.8,
    topP: number(body, 'top_p', 0, 1) ?? 0.95,
    topK: number(body, 'top_k', 0, 1e6) ?? 40,
    repeatPenalty: number(body, 'repeat_penalty', 0.01, 10) ?? 1,
    prompt: isChat ? chatPrompt(messagesOf(body)) : { text: textPrompt(body), template: '%1' },
  };
}

function number(body, name, least, most) {
  const value = body[name];
  if (value == null) return undefined;
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw new Refusal(400, 'invalid_value', `${name} must be a number from ${least} to ${most}`, name);
  return value;
}

function textPrompt(body) {
  const prompt = Array.isArray(body.prompt) && body.prompt.length === 1 ? body.prompt[0] : body.prompt;
  if (typeof prompt !== 'string' || prompt === '') throw new Refusal(400, 'invalid_value', 'prompt must be a text that is not empty', 'prompt');
  return prompt;
}

function messagesOf(body) {
  if (!Array.isArray(body.messages) || body.messages.length === 0) throw new Refusal(400, 'invalid_value', 'messages must be a list of at least one message', 'messages');
  return body.messages.map((message, at) => {
    const content = Array.isArray(message?.content)
      ? message.content.map((part) => (part?.type === 'text' && typeof part.text === 'string' ? part.text : refuse(`messages[${at}].content`, 'holds a part that is no text'))).join('')
      : message?.content;
    const role = message?.role === 'developer' ? 'system' : message?.role;
    if (!['system', 'user', 'assistant'].includes(role)) refuse(`messages[${at}].role`, 'must be system, user or assistant');
    if (typeof content !== 'string') refuse(`messages[${at}].content`, 'must be a text');
    return { role, content };
  });
}

function refuse(param, what) {
  throw new Refusal(400, 'invalid_value', `${param} ${what}`, param);
}

// How models of these families are spoken to; which one it is shows in the template that the file brings along.
const formats = [
  { sign: '<|im_start|>', system: ['<|im_start|>system\n', '<|im_end|>\n'], user: ['<|im_start|>user\n', '<|im_end|>\n'], assistant: ['<|im_start|>assistant\n', '<|im_end|>\n'] },
  { sign: '<start_of_turn>', system: ['<start_of_turn>user\n', '<end_of_turn>\n'], user: ['<start_of_turn>user\n', '<end_of_turn>\n'], assistant: ['<start_of_turn>model\n', '<end_of_turn>\n'] },
  { sign: '<|end|>', system: ['<|system|>\n', '<|end|>\n'], user: ['<|user|>\n', '<|end|>\n'], assistant: ['<|assistant|>\n', '<|end|>\n'] },
  { sign: '<|user|>', system: ['<|system|>\n', '</s>\n'], user: ['<|user|>\n', '</s>\n'], assistant: ['<|assistant|>\n', '</s>\n'] },
  { sign: '[INST]', system: ['[INST] ', '\n [/INST] '], user: ['[INST] ', ' [/INST]'], assistant: [' ', '</s>'] },
];
const plain = { system: ['', '\n\n'], user: ['### Human:\n', '\n\n'], assistant: ['### Assistant:\n', '\n\n'] };
let format = plain;

// gpt4all reads marks such as <|im_end|> in the template only, so the conversation is the template and its last message the text.
function chatPrompt(messages) {
  const last = messages[messages.length - 1];
  const before = messages.slice(0, -1).map((message) => format[message.role][0] + message.content + format[message.role][1]).join('');
  const [open, close] = format[last.role];
  const next = format === formats[4] ? '' : format.assistant[0];
  return /%[12]/.test(before)
    ? { template: '%1', text: before + open + last.content + close + next }
    : { template: `${before}${open}%1${close}${next}`, text: last.content };
}

async function generate(wish, response) {
  if (response.destroyed) return;
  const kind = wish.isChat ? 'chat.completion' : 'text_completion';
  const id = `${wish.isChat ? 'chatcmpl' : 'cmpl'}-${process.pid}-${Date.now().toString(36)}`;
  const envelope = (object) => ({ id, object, created: Math.floor(Date.now() / 1000), model: options.name });
  const event = (body) => response.write(`data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`);
  const chunk = (delta, finish, first) => event({
    ...envelope(wish.isChat ? 'chat.completion.chunk' : kind),
    choices: [{ index: 0, finish_reason: finish, ...(wish.isChat ? { delta: first ? { role: 'assistant', ...delta } : delta } : { text: delta.content ?? '' }) }],
  });

  let text = '';
  let sent = 0;
  let tokens = 0;
  let ingested = 0;
  let opened = false;
  const length = Buffer.byteLength(wish.prompt.template) + Buffer.byteLength(wish.prompt.text);
  let refusal = null;
  let stopped = false;
  const say = (upTo) => {
    if (!wish.stream || upTo <= sent || response.destroyed) return;
    if (!opened) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    chunk({ content: text.slice(sent, upTo) }, null, !opened);
    opened = true;
    sent = upTo;
  };

  await model.generate(wish.prompt.text, {
    promptTemplate: wish.prompt.template,
    nPast: 0,
    nPredict: wish.most,
    temp: wish.temperature,
    topK: wish.temperature === 0 ? 1 : wish.topK,
    topP: wish.topP,
    repeatPenalty: wish.repeatPenalty,
    onPromptToken: () => {
      ingested++;
      return !response.destroyed;
    },
    onResponseToken: (_, part) => {
      if (response.destroyed) return false;
      // the library says nothing of a prompt that is too long: it goes on without it, after a few tokens of what stands around
      if (length > options.context && ingested <= 16) {
        refusal = new Refusal(400, 'context_length_exceeded', `the prompt is longer than the context of ${options.context} tokens`, wish.isChat ? 'messages' : 'prompt');
        return false;
      }
      tokens++;
      text += part;
      const stop = wish.stops.map((word) => text.indexOf(word)).filter((at) => at >= 0);
      if (stop.length > 0) {
        text = text.slice(0, Math.min(...stop));
        stopped = true;
        say(text.length);
        return false;
      }
      say(text.length - held(text, wish.stops));
      return tokens < wish.most;
    },
  });

  if (response.destroyed) return;
  if (refusal) throw refusal;
  say(text.length);
  const finish = !stopped && tokens >= wish.most ? 'length' : 'stop';
  const usage = { prompt_tokens: ingested, completion_tokens: tokens, total_tokens: ingested + tokens };
  if (!wish.stream) {
    sendJson(response, 200, { ...envelope(kind), choices: [{ index: 0, finish_reason: finish, ...(wish.isChat ? { message: { role: 'assistant', content: text } } : { text }) }], usage });
    return;
  }
  if (!opened) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  chunk({}, finish, !opened);
  if (wish.usage) event({ ...envelope(wish.isChat ? 'chat.completion.chunk' : kind), choices: [], usage });
  event('[DONE]');
  response.end();
}

// How many characters at the end may be the beginning of a stop word.
function held(text, stops) {
  let most = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > most; length--) {
      if (stop.startsWith(text.slice(text.length - length))) most = length;
    }
  }
  return most;
}

// The chat template that a GGUF file brings along; null where it has none.
function templateOf(file) {
  const handle = fs.openSync(file, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let start = 0;
  let end = 0;
  let position = 0;
  const take = (count) => {
    if (count > buffer.length) throw new Error('a value is too long');
    if (end - start < count) {
      buffer.copy(buffer, 0, start, end);
      end -= start;
      start = 0;
      const read = fs.readSync(handle, buffer, end, buffer.length - end, position);
      position += read;
      end += read;
      if (end < count) throw new Error('the file ends too early');
    }
    start += count;
    return start - count;
  };
  const u32 = () => buffer.readUInt32LE(take(4));
  const u64 = () => Number(buffer.readBigUInt64LE(take(8)));
  const text = () => {
    const length = u64();
    const at = take(length);
    return buffer.toString('utf8', at, at + length);
  };
  const sizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
  const skip = (type) => {
    if (type === 8) text();
    else if (type !== 9) take(sizes[type]);
    else for (let inner = u32(), left = u64(); left > 0; left--) skip(inner);
  };
  try {
    if (u32() !== 0x46554747) throw new Error('it is no GGUF file');
    u32();
    u64();
    for (let left = u64(); left > 0; left--) {
      const key = text();
      const type = u32();
      if (key === 'tokenizer.chat_template' && type === 8) return text();
      skip(type);
    }
    return null;
  } finally {
    fs.closeSync(handle);
  }
}

async function start() {
  const { loadModel } = require('gpt4all');
  // a socket that an earlier process left behind would make listening fail
  fs.rmSync(options.socket, { force: true });
  const old = process.umask(0o077);
  await new Promise((listening, failed) => server.once('error', failed).listen(options.socket, listening));
  process.umask(old);

  const template = templateOf(options.model);
  if (template !== null) format = formats.find((known) => template.includes(known.sign)) ?? plain;
  // without a list of its own the library asks the network for one
  const list = path.join(os.homedir(), 'models.json');
  const [folder, file] = [path.dirname(options.model), path.basename(options.model)];
  fs.writeFileSync(list, JSON.stringify([{ filename: file, systemPrompt: '', promptTemplate: '%1' }]));
  const loaded = await loadModel(file, { modelPath: folder, modelConfigFile: list, allowDownload: false, device: 'cpu', nCtx: options.context });
  loaded.llm.setThreadCount(options.threads);
  model = loaded;
  console.log(`gpt4all server: ${options.name} is loaded, ${options.context} tokens of context, ${options.threads} threads`);
}

process.on('SIGTERM', () => process.exit(0));
start().catch((error) => {
  console.error(`gpt4all server: ${options.model} could not be loaded: ${error.message}`);
  process.exit(1);
});
