import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { applied } from '../src/mirror.ts'
import { alert, NASTY, SCRIPT, standInState } from './standin-state.ts'

/**
 * A stand-in for helix: serves dist/ with helix's own headers and plays the contract's stream and answers. For tests only; what it answers is made up.
 */
export class StandIn {
  /** Every change that was asked for: "POST /helix/v1/providers/vllm/stop". */
  readonly asked: { readonly what: string; readonly body: unknown; readonly csrf: string | undefined }[] = []

  /** How long an answer to a change takes, in milliseconds. */
  delay = 30

  /** What is answered instead of the usual, by what is asked. */
  readonly refusals = new Map<string, { readonly status: number; readonly body: unknown }>()

  isSignedIn = true
  state = standInState()

  private number = 100

  /** Another after each {@link stop}: a new daemon knows nothing of what the old one told. */
  private run = 0
  private readonly kept: { readonly id: number; readonly text: string }[] = []
  private readonly streams = new Set<ServerResponse>()
  private readonly logs = new Set<ServerResponse>()
  private readonly watchers = new Set<ServerResponse>()

  /** Messages of the web's channel, the first with the number 1. */
  private readonly messages: string[] = []
  private readonly server: Server
  private port = 0

  constructor(private readonly ui: string) {
    this.server = createServer((request, response) => void this.answer(request, response).catch(error => response.destroy(error as Error)))
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async start(): Promise<this> {
    await new Promise<void>(resolve => this.server.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  /** How many listen. */
  get listeners(): number {
    return this.streams.size
  }

  /** How many watch the messages of alerts. */
  get watching(): number {
    return this.watchers.size
  }

  /** As when the daemon ends: nobody answers, until {@link start}. */
  async stop(): Promise<void> {
    this.run++
    this.kept.length = 0
    this.streams.clear()
    this.watchers.clear()
    this.server.closeAllConnections()
    await new Promise<void>(resolve => this.server.close(() => resolve()))
  }

  /** Tells all who listen. */
  change(set: Record<string, Record<string, unknown>>): void {
    this.state = applied(this.state, { at: '', set }) as Record<string, Record<string, unknown>>
    const id = ++this.number
    const text = `id: ${this.run}x-${id}\nevent: change\ndata: ${JSON.stringify({ at: new Date().toISOString(), set })}\n\n`
    this.kept.push({ id, text })
    for (const stream of this.streams) stream.write(text)
  }

  /** Part of a value, the rest as it was. */
  amend(section: string, key: string, part: object): void {
    this.change({ [section]: { [key]: { ...(this.state[section]![key] as object), ...part } } })
  }

  /** Cuts every stream; what is missed meanwhile is told to those who come back. */
  cut(): void {
    for (const stream of this.streams) stream.destroy()
    this.streams.clear()
  }

  signOutAll(): void {
    this.isSignedIn = false
    for (const stream of [...this.streams, ...this.watchers]) stream.end('event: signed-out\ndata: {}\n\n')
    this.streams.clear()
    this.watchers.clear()
  }

  /** Tells whoever watches, and whoever comes back. */
  message(title: string, text: string, alerts: readonly number[]): void {
    const id = this.messages.length + 1
    this.messages.push(`id: ${id}\nevent: message\ndata: ${JSON.stringify({ id, key: `key-${id}`, channel: 'web', at: new Date().toISOString(), state: 'sent', tries: 0, done: null, trouble: null, severity: 'error', firing: alerts.length, resolved: 0, title, text, alerts, test: false })}\n\n`)
    for (const watcher of this.watchers) watcher.write(this.messages[id - 1])
  }

  writeLog(file: string, lines: readonly string[]): void {
    for (const log of this.logs) log.write(`event: lines\ndata: ${JSON.stringify({ file, lines })}\n\n`)
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x')
    const what = `${request.method} ${url.pathname}`
    if (url.pathname === '/') return this.file(response, 'index.html')
    if (url.pathname.startsWith('/ui/')) return this.file(response, url.pathname.slice(4))
    const text = await bodyOf(request)
    const csrf = request.headers['x-helix-csrf'] as string | undefined
    if (what === 'POST /helix/v1/session') return this.signIn(response, text)
    if (what === 'GET /helix/v1/session') return json(response, this.isSignedIn ? { signed_in: true, session: {}, how: null } : { signed_in: false, session: null, how: 'Run `helix dashboard` on the machine where helix runs, and open the link that it prints.' })
    if (!this.isSignedIn) return refuse(response, 401, 'missing_api_key', 'nobody is signed in')
    if (request.method !== 'GET') {
      this.asked.push({ what, body: text === '' ? null : JSON.parse(text), csrf })
      if (csrf !== 'secret') return refuse(response, 403, 'csrf', 'the token is not the one of this session', 'Sign in again: helix dashboard')
      await new Promise(resolve => setTimeout(resolve, this.delay))
    }
    const refusal = this.refusals.get(what)
    if (refusal) return json(response, refusal.body, refusal.status)
    if (url.pathname === '/helix/v1/live') return this.live(request, response)
    if (url.pathname === '/helix/v1/alerts/watch') return this.watch(request, response)
    if (url.pathname.endsWith('/logs')) return this.log(response)
    if (url.pathname === '/v1/chat/completions') return chat(response, JSON.parse(text) as { model: string; messages: { content: string }[] })
    if (url.pathname === '/helix/v1/models/pull') return this.pull(response)
    const found = ANSWERS[what] ?? Object.entries(ANSWERS).find(([path]) => path.includes('*') && new RegExp(`^${path.replaceAll('*', '[^/]+')}$`).test(what))?.[1]
    return found === undefined ? refuse(response, 404, 'not_found', `the stand-in has no answer to ${what}`) : json(response, typeof found === 'function' ? found(url, text) : found)
  }

  private signIn(response: ServerResponse, text: string): void {
    const { link } = JSON.parse(text) as { link: string }
    if (link !== 'good') return refuse(response, 401, 'bad_link', 'this link was used already', 'Make another one: helix dashboard')
    this.isSignedIn = true
    json(response, { csrf: 'secret', session: {} })
  }

  private file(response: ServerResponse, name: string): void {
    let bytes: Buffer
    try {
      bytes = readFileSync(join(this.ui, 'dist', name))
    } catch {
      return refuse(response, 404, 'not_found', 'there is no such file')
    }
    response.writeHead(200, {
      'content-type': name.endsWith('.html') ? 'text/html; charset=utf-8' : name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'image/svg+xml',
      'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    })
    response.end(bytes)
  }

  private live(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 100\n\n')
    const [, run, number] = /^(\d+)x-(\d+)$/.exec(String(request.headers['last-event-id'] ?? '')) ?? []
    const last = run === String(this.run) ? Number(number) : -1
    const missed = this.kept.filter(each => each.id > last)
    if (last >= 0 && last <= this.number && missed.length === this.number - last) for (const each of missed) response.write(each.text)
    else response.write(`id: ${this.run}x-${this.number}\nevent: snapshot\ndata: ${JSON.stringify({ at: new Date().toISOString(), state: this.state })}\n\n`)
    this.streams.add(response)
    response.on('close', () => this.streams.delete(response))
  }

  private watch(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const last = Number(request.headers['last-event-id'] ?? this.messages.length)
    for (const missed of this.messages.slice(last)) response.write(missed)
    response.write(`id: ${this.messages.length}\nevent: changed\ndata: {"open":3,"unacknowledged":2}\n\n`)
    this.watchers.add(response)
    response.on('close', () => this.watchers.delete(response))
  }

  private log(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: begin\ndata: ${JSON.stringify({ files: ['daemon', 'keeper'] })}\n\n`)
    response.write(`event: lines\ndata: ${JSON.stringify({ file: 'daemon', lines: ['helix began', 'warning: the disk is slow', `error: ${SCRIPT}`, ...Array.from({ length: 60 }, (_, at) => `line ${at}: GET /v1/models 200 in ${at} ms`)] })}\n\n`)
    this.logs.add(response)
    response.on('close', () => this.logs.delete(response))
  }

  private async pull(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    const total = 600_000_000
    for (let part = 0; part <= 4; part++) {
      response.write(`${JSON.stringify({ phase: part === 0 ? 'resolving' : 'downloading', detail: null, done_bytes: (total / 4) * part, total_bytes: total, bytes_per_second: 50_000_000, model: null, error: null })}\n`)
      await new Promise(resolve => setTimeout(resolve, this.delay))
    }
    response.end(`${JSON.stringify({ phase: 'done', detail: null, done_bytes: total, total_bytes: total, bytes_per_second: null, model: LIBRARY[0], error: null })}\n`)
  }
}

const LIBRARY = [
  { id: 'qwen3-0.6b', path: '/models/qwen3-0.6b.gguf', bytes: 639_446_688, sha256: 'ab', architecture: 'qwen3', quantization: 'Q8_0', parameters: 596_049_920, context_tokens: 40_960, template: null, abilities: ['chat'], source: 'catalogue', added: '2026-11-20T10:00:00Z', format: 'gguf' },
  { id: NASTY, path: '/models/x', bytes: 4_294_967_296, sha256: null, architecture: SCRIPT, quantization: null, parameters: 8_030_261_248, context_tokens: 8192, template: null, abilities: ['chat'], source: 'dropped', added: '2026-11-29T10:00:00Z', format: 'gguf' },
]

const usage = (url: URL): unknown => {
  const [per, by] = [url.searchParams.get('per') ?? 'hour', url.searchParams.get('by') ?? '']
  const step = per === 'minute' ? 60_000 : per === 'hour' ? 3_600_000 : 86_400_000
  const names = by === 'key' ? ['laptop', '', NASTY] : by === 'model' ? ['qwen3-0.6b', 'qwen3-8b', NASTY] : by === 'provider' ? ['builtin', 'llamacpp', 'cache'] : [null]
  const rows = names.flatMap((name, at) => Array.from({ length: 20 }, (_, back) => ({
    at: new Date(Math.floor(Date.now() / step) * step - back * step).toISOString(), key: by === 'key' ? name : null, provider: by === 'provider' ? name : null, model: by === 'model' ? name : null,
    requests: 10 + ((back * 7 + at * 3) % 9), failed: at === 1 && back % 5 === 0 ? 1 : 0, refused: 0, left: 0, prompt_tokens: 2000 + ((back * 331) % 900), answer_tokens: 500 + ((back * 71 + at * 50) % 300), cached_tokens: 0, estimated: 0, first_token_ms: 200, tokens_per_second: 30, tries: 1, cost_usd: at === 0 && by === 'key' ? 0.0123 : 0,
  })))
  return { per, since: new Date().toISOString(), rows }
}

const setting = (path: string, kind: string, allowed: string, value: string, part: object = {}) => ({ path, section: path.split('.')[0], key: path.split('.')[1], meaning: `What ${path} means.`, kind, allowed, choices: null, min: null, max: null, unit: null, default: value, value, source: 'default', effect: 'now', ...part })

const SETTINGS = [
  setting('auto_manager.mode', 'choice', 'one of zero_touch, team, production, edge', 'zero_touch', { choices: ['zero_touch', 'team', 'production', 'edge'], effect: 'next_start' }),
  setting('auto_manager.auto_update', 'toggle', 'true or false', 'true'),
  setting('health.check_interval', 'whole', 'a whole number from 1 to 3600 (seconds)', '60', { min: 1, max: 3600, unit: 'seconds', default: '30', source: 'file' }),
  setting('cloud.daily_budget', 'amount', 'a number from 0 to 1000000 (dollars)', '0', { min: 0, max: 1_000_000, unit: 'dollars' }),
  setting('gateway.aliases', 'texts', 'a map of names, for example {"gpt-4o": "qwen3-8b"}', '{"gpt-4o": "qwen3-8b"}', { source: 'file', default: '{}' }),
  setting('gateway.allowed_hosts', 'list', 'a list of host names', '', {}),
  setting('security.require_key', 'toggle', 'true or false', 'false'),
]

const RULES = {
  rules: [
    { name: 'engine-down', on: true, type: null, severity: null, for_seconds: 0, looks: 'unhealthy, critical', left: null },
    { name: 'slow-first-token', on: false, type: 'performance', severity: 'warning', for_seconds: 300, looks: 'first_token_p95 above 7.5 s, until 5', left: 'see what could be faster: helix local-llm diagnose' },
    { name: NASTY, on: true, type: 'health', severity: 'error', for_seconds: 60, looks: SCRIPT, left: null },
  ],
  file: '/home/x/.helixcode/local-llm/auto-manager/config/alerts.yaml', own: '# mine\n', shipped: 'rules:\n  - name: engine-down\n', problems: [`alerts.yaml:3: ${SCRIPT}`],
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  'GET /helix/v1/usage': usage,
  'GET /helix/v1/models': { models: LIBRARY, problems: [{ file: 'broken.gguf', reason: 'it ends too early', remedy: 'Fetch it again.' }] },
  'GET /helix/v1/models/catalog': { models: [
    { id: 'qwen3-0.6b', role: 'chat', license: 'Apache-2.0', bytes: 639_446_688, billions: 0.6, context: 40_960, need_bytes: 1_100_000_000, in_library: true, fits: true, why: 'it takes 1.0 of 48 GiB', formats: ['gguf'] },
    { id: 'qwen3-235b', role: 'chat', license: 'Apache-2.0', bytes: 142_000_000_000, billions: 235, context: 40_960, need_bytes: 150_000_000_000, in_library: false, fits: false, why: 'models may use 48 GiB here', formats: ['gguf', 'safetensors'] },
    { id: 'qwen3-8b', role: 'chat', license: 'Apache-2.0', bytes: 5_027_783_488, billions: 8, context: 40_960, need_bytes: 6_400_000_000, in_library: false, fits: true, why: 'it takes 6.0 of 48 GiB', formats: ['gguf'] },
  ] },
  'POST /helix/v1/plan': { machine: '16 cores, 64 GiB of memory, NVIDIA RTX 4070 with 12 GiB', model_memory_bytes: 51_539_607_552, providers: [], models: [{ id: 'qwen3-0.6b', format: 'gguf', bytes: 639_446_688, provider: 'builtin', placement: 'run', context: 8192, slots: 4, reason: 'it is the smallest that chats', in_library: true, gpus: null }, { id: NASTY, format: 'gguf', bytes: 1, provider: null, placement: 'impossible', context: null, slots: null, reason: 'it needs 80 GiB', in_library: true, gpus: null }], choice: 'helix would fetch qwen3-8b for this machine', note: null, threads: 15 },
  'POST /helix/v1/models/find': { models: [{ name: 'ollama:gemma3:4b', program: 'Ollama', format: 'gguf', bytes: 3_300_000_000, path: '/home/x/.ollama/models', library_id: null }], left_out: [{ name: 'ollama:broken', path: '/home/x/y', reason: 'a part of it is missing' }] },
  'POST /helix/v1/models/import': LIBRARY[0],
  'DELETE /helix/v1/models/*': { message: 'it is removed' },
  'GET /helix/v1/route/recent': { decisions: [] },
  'POST /helix/v1/route/explain': { asked: 'auto', model: 'qwen3-8b', outcome: 'send', why: 'it is likely to be done first', candidates: [{ instance: 'llamacpp-qwen3-8b', provider: 'llamacpp', in_flight: 1, context_tokens: 8192, failures: 0, opens_in: null, first_token_ms: 210, answer_ms: 1500, guess_error: 0.12, kept_tokens: 64, passed_over: null, chosen: true }, { instance: 'builtin-qwen3-8b', provider: 'builtin', in_flight: 0, context_tokens: 512, failures: 0, opens_in: null, first_token_ms: null, answer_ms: null, guess_error: null, kept_tokens: 0, passed_over: 'the request is longer than its context', chosen: false }] },
  'GET /helix/v1/settings': { file: '/home/x/.helixcode/local-llm/auto-manager/config/auto-config.yaml', problems: [], settings: SETTINGS },
  'PUT /helix/v1/settings/*': { setting: SETTINGS[0], note: null },
  'DELETE /helix/v1/settings/*': { setting: SETTINGS[0], note: null },
  'GET /helix/v1/sessions': { sessions: [{ id: 's1', created: '2026-11-29T10:00:00Z', seen: new Date().toISOString(), expires: '2026-12-07T10:00:00Z', agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156', current: true }, { id: 's2', created: '2026-11-28T10:00:00Z', seen: '2026-11-29T10:00:00Z', expires: '2026-12-06T10:00:00Z', agent: NASTY, current: false }] },
  'DELETE /helix/v1/sessions/*': { message: 'the session is ended' },
  'POST /helix/v1/dashboard/link': { url: 'http://127.0.0.1:4359/#/sign-in/another', expires: '2026-12-01T10:00:00Z' },
  'GET /helix/v1/keys': { keys: [{ name: 'laptop', prefix: 'hx_ab12', scopes: ['infer'], created: '2026-11-01T10:00:00Z', last_used: new Date().toISOString(), private: true }, { name: NASTY, prefix: 'hx_cd34', scopes: ['admin'], created: '2026-11-02T10:00:00Z', last_used: null, private: false }] },
  'POST /helix/v1/keys': { key: 'hx_shown_once', report: { name: 'new', prefix: 'hx_sh', scopes: ['infer'], created: '2026-11-30T10:00:00Z', last_used: null, private: false } },
  'DELETE /helix/v1/keys/*': { message: 'the key is revoked' },
  'GET /helix/v1/history': { events: [{ id: 1, at: '2026-11-30T01:00:00Z', kind: 'state', severity: 'info', provider: 'builtin', subject: 'builtin-x', what: 'ready', words: `answers ${NASTY}`, data: { from: 'starting', note: SCRIPT } }] },
  'GET /helix/v1/alerts': { alerts: [alert(9, 'error', 'vllm', 'it was out of memory', { state: 'resolved', resolved: '2026-11-29T11:00:00Z', end: 'it serves again' })], open: 3, unacknowledged: 2 },
  'POST /helix/v1/alerts/*': { message: 'noted' },
  'GET /helix/v1/alerts/silences': { silences: [{ id: 4, type: null, cause: 'wrong_keys', provider: null, subject: null, from: '2026-11-30T01:00:00Z', until: '2026-12-01T01:00:00Z', by: 'cli', comment: null, words: 'wrong keys' }] },
  'DELETE /helix/v1/alerts/silences/*': { message: 'the silence is ended' },
  'GET /helix/v1/alerts/channels': { channels: [
    { id: 'web', on: true, severity: 'info', hourly: 60, waiting: 0, failed: 0, last_sent: '2026-11-30T01:00:00Z', fails_since: null, next_try: null, trouble: null, where: null },
    { id: 'email', on: false, severity: null, hourly: null, waiting: 0, failed: 0, last_sent: null, fails_since: null, next_try: null, trouble: null, where: null },
    { id: 'slack', on: true, severity: 'error', hourly: 20, waiting: 2, failed: 1, last_sent: null, fails_since: '2026-11-30T01:00:00Z', next_try: '2026-11-30T02:00:00Z', trouble: `it answered 500: ${NASTY}`, where: `to ${NASTY}` },
  ] },
  'PUT /helix/v1/alerts/channels/*': { message: 'email is set up' },
  'DELETE /helix/v1/alerts/channels/*': { message: 'slack is told nothing more' },
  'POST /helix/v1/alerts/test/*': (url: URL) => (url.pathname.endsWith('/web') ? { channel: 'web', state: 'sent', message: 'web took the test message' } : { channel: 'slack', state: 'failed', message: 'slack refused the test message: no_service' }),
  'GET /helix/v1/alerts/rules': RULES,
  'PUT /helix/v1/alerts/rules': RULES,
  'GET /helix/v1/providers/*/versions': { provider: 'llamacpp', current: 'b7201', previous: 'b7188', pinned: null, versions: [{ version: 'b7201', use: 'current', installed: '2026-11-20T10:00:00Z', bytes: 91_234_567, tested: 'it answered with a token', digests: [] }, { version: 'b7188', use: 'previous', installed: '2026-11-01T10:00:00Z', bytes: 90_234_567, tested: 'it answered with a token', digests: [] }] },
  'POST /helix/v1/providers/*/*': (url: URL) => (url.pathname.endsWith('/open') ? { url: 'http://127.0.0.1:4999/once', provider: 'llamacpp', model: 'qwen3-8b', closes: 'when it was not used for 10 min' } : { message: `${url.pathname.split('/')[4]}: ${url.pathname.split('/')[5]} is done` }),
  'POST /helix/v1/updates/check': { providers: [{ provider: 'llamacpp', installed: 'b7201', known: 'b7201', newest: 'b7260', asked: null, advice: 'b7260 is installed by itself within the hour', problem: null }] },
  'POST /helix/v1/start-all': { providers: [] },
  'POST /helix/v1/automations/*/run': { message: 'it is begun now' },
}

async function chat(response: ServerResponse, { model, messages }: { model: string; messages: readonly { content: string }[] }): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-helix-model': encodeURIComponent(model), 'x-helix-provider': 'builtin' })
  for (const piece of ['You said: ', messages.at(-1)?.content ?? '', ' ', SCRIPT]) {
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: piece } }] })}\n\n`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  response.end(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 9 } })}\n\ndata: [DONE]\n\n`)
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

const refuse = (response: ServerResponse, status: number, code: string, message: string, remedy: string | null = null): void => json(response, { error: { code, message, remedy } }, status)

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += piece
  return text
}
