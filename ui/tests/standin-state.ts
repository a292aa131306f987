/** A state as the contract has it, for {@link StandIn}: names that would do harm where they were taken for HTML are part of it. */

export const NASTY = '<img src=x onerror="globalThis.pwned=1">'
export const SCRIPT = '"><script>globalThis.pwned=2</script>'

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()
const ahead = (seconds: number): string => ago(-seconds)

interface Known {
  readonly name: string
  readonly state: string
  readonly reason: string
  readonly description: string
  readonly actions: readonly string[]
  readonly model?: string
  readonly release?: string
  readonly previous?: string
  readonly pid?: number
}

const known: Readonly<Record<string, Known>> = {
  builtin: { name: 'Built-in engine (llama.cpp)', state: 'ready', reason: 'answers, and produced a token', description: 'The engine that is always there', actions: ['stop', 'logs'], model: 'qwen3-0.6b', release: '0.4.0', pid: 4101 },
  llamacpp: { name: 'llama-server (llama.cpp)', state: 'ready', reason: 'answers, and produced a token', description: "llama.cpp's own server, on nearly every CPU and GPU", actions: ['stop', 'update', 'rollback', 'remove', 'logs', 'open'], model: 'qwen3-8b', release: 'b7201', previous: 'b7188', pid: 4102 },
  mistralrs: { name: 'mistral.rs', state: 'installing', reason: 'downloading, 41 % of 310 MiB; in all 1.2 GiB', description: 'One Rust binary for safetensors and GGUF, CPU, CUDA or Metal', actions: ['logs'] },
  tabbyapi: { name: 'TabbyAPI', state: 'unsupported', reason: 'needs an NVIDIA GPU of compute capability 8.0 or newer; smaller and older GPUs are served by llama-server and KoboldCpp', description: 'ExLlamaV3 on recent NVIDIA GPUs, for one or a few users', actions: [] },
  vllm: { name: 'vLLM', state: 'recovering', reason: 'it ended by signal 11 (segmentation fault) after 3 h; the third start is in 4 s', description: 'Serves many users at once from NVIDIA, AMD or server CPUs', actions: ['stop', 'update', 'rollback', 'remove', 'logs'], model: 'llama-3.3-70b-instruct-awq-int4', release: '0.31.0', previous: '0.30.2' },
  fastchat: { name: 'FastChat', state: 'available', reason: 'not installed: no longer kept up by its makers', description: 'For older chat models; no longer kept up by its makers', actions: ['install'] },
  jan: { name: 'Jan', state: 'available', reason: 'not found on this machine', description: 'A desktop application, used while you run it', actions: [] },
  lmstudio: { name: 'LM Studio', state: 'available', reason: 'its terms were not accepted', description: "LM Studio's engine without its window, GGUF and MLX", actions: [] },
  localai: { name: 'LocalAI', state: 'critical', reason: 'it cannot open its port: permission denied', description: 'Text, images, speech and more behind one OpenAI address', actions: ['stop', 'start', 'rollback', 'logs'], release: '3.9.0', previous: '3.8.1' },
  mlx: { name: 'MLX LM', state: 'unsupported', reason: 'needs a Mac with a chip of Apple', description: "Apple's own engine for the GPU of its chips", actions: [] },
  gpt4all: { name: 'GPT4All', state: 'standby', reason: 'stopped by you', description: 'Small models on the CPU of small machines', actions: ['start', 'update', 'remove', 'logs'], release: '4.0.0' },
  koboldai: { name: 'KoboldAI (KoboldCpp)', state: 'degraded', reason: `its endpoint did not answer within 5 s; ${NASTY}`, description: 'Story writing on GGUF models, in one file', actions: ['stop', 'update', 'remove', 'logs', 'open'], model: NASTY, release: '1.108', pid: 4104 },
  textgen: { name: 'TextGen WebUI', state: 'starting', reason: 'loading the model, 12 s', description: 'Characters and stories in a web interface of its own', actions: ['stop', 'logs'], model: SCRIPT, release: '4.1', pid: 4105 },
}

const providers = Object.fromEntries(Object.entries(known).map(([id, each], order) => [id, {
  id, order, category: 'foundation', since: ago(3 * 3600 + order * 977), pid: null, model: null, release: null, previous: null, verified: 'a stand-in', attached: false, cloud: false, terms: id === 'lmstudio' ? 'https://lmstudio.example/terms' : null, disk_bytes: each.release && id !== 'builtin' ? 181_469_134 : null, progress: id === 'mistralrs' ? 0.41 : null, ...each,
}]))

const step = (process: string, endpoint: string, identity: string, token: string) => [{ step: 'process', state: process }, { step: 'endpoint', state: endpoint }, { step: 'identity', state: identity }, { step: 'token', state: token }]

const instance = (name: string, provider: string, model: string, state: string, health: readonly object[], part: object = {}) => ({
  name, provider, model, state, reason: known[provider]!.reason, remedy: null, pid: known[provider]!.pid ?? null, restarts: 0, since: ago(3600), fault: null, next_start: null, took_to_start_ms: 812.4, took_to_recover_ms: null, reserved_bytes: 2_400_000_000, reserved_gpu_bytes: provider === 'llamacpp' ? 6_000_000_000 : 0, measured_bytes: 2_112_345_678, health, ...part,
})

const instances = {
  'builtin-qwen3-0.6b': instance('builtin-qwen3-0.6b', 'builtin', 'qwen3-0.6b', 'ready', step('ok', 'ok', 'ok', 'ok')),
  'llamacpp-qwen3-8b': instance('llamacpp-qwen3-8b', 'llamacpp', 'qwen3-8b', 'ready', step('ok', 'ok', 'ok', 'ok')),
  'vllm-llama': instance('vllm-llama', 'vllm', 'llama-3.3-70b-instruct-awq-int4', 'recovering', step('bad', 'unknown', 'unknown', 'unknown'), { restarts: 2, fault: 'signal 11', next_start: ahead(4), pid: null, measured_bytes: null }),
  'koboldai-x': instance('koboldai-x', 'koboldai', NASTY, 'degraded', step('ok', 'bad', 'unknown', 'unknown')),
  'textgen-y': instance('textgen-y', 'textgen', SCRIPT, 'starting', step('ok', 'waiting', 'waiting', 'waiting'), { took_to_start_ms: null }),
  'localai-z': instance('localai-z', 'localai', 'phi-4', 'critical', step('bad', 'unknown', 'unknown', 'unknown'), { remedy: 'let helix choose the port: helix config unset gateway.port', measured_bytes: null }),
}

const model = (id: string, order: number, state: string, provided: readonly string[], part: object = {}) => ({ id, order, state, detail: null, abilities: ['chat', 'completion'], context_tokens: 8192, self_test: false, origin: 'own', providers: provided, running: 0, waiting: 0, ...part })

const minuteKey = (back: number): string => `${new Date(Date.now() - back * 60_000).toISOString().slice(0, 16)}Z`

const minutes = Object.fromEntries(Array.from({ length: 60 }, (_, back) => back).filter(back => back % 11 !== 5).map(back => [minuteKey(back), {
  requests: 8 + ((back * 7) % 13), failed: back % 17 === 0 ? 1 : 0, refused: back % 9 === 0 ? 2 : 0, left: 0, prompt_tokens: 2400 + ((back * 731) % 2200), answer_tokens: 610 + ((back * 173) % 500), cached_tokens: 900,
}]))

const quantiles = (count: number, base: number) => ({ count, p50: base, p95: base * 2.3, p99: base * 3.4 })

const speeds = (count: number, base: number) => ({ count, p50: base, p95: base / 1.6, p99: base / 2.4 })

const paceOf = (provider: string, served: string, first: number, between: number) => ({ provider, model: served, first_token_ms: quantiles(120, first), inter_token_ms: quantiles(4210, between), tokens_per_second: speeds(118, 1000 / between) })

const performanceOf = (window: string, provider: string, served: string, first: number, between: number) => ({ window, ...paceOf(provider, served, first, between) })

const performanceMinutes = Object.fromEntries(Array.from({ length: 60 }, (_, back) => back).filter(back => back % 13 !== 7).map(back => {
  const wave = (back * 37) % 90
  return [minuteKey(back), { first_token_ms: quantiles(9, 240 + wave), inter_token_ms: quantiles(300, 40 + wave / 9), tokens_per_second: speeds(9, 24 - wave / 12), by: [paceOf('builtin', 'qwen3-0.6b', 180 + wave, 31 + wave / 20), ...(back % 3 === 0 ? [paceOf('llamacpp', 'qwen3-8b', 410 + wave, 58 + wave / 20)] : [])] }]
}))

const machineMinutes = Object.fromEntries(Array.from({ length: 60 }, (_, back) => back).filter(back => back !== 31).map(back => [minuteKey(back), {
  cpu: 0.2 + ((back * 29) % 50) / 100, memory_bytes: 26_000_000_000 + ((back * 83) % 40) * 50_000_000, engines_bytes: 9_000_000_000 + ((back * 83) % 40) * 20_000_000, disk_free_bytes: 212_345_678_901 + back * 10_000_000, gpus: [{ busy: ((back * 17) % 90) / 100, used_bytes: 9_234_567_890 }],
}]))

const performances = [performanceOf('5m', 'builtin', 'qwen3-0.6b', 182, 31), performanceOf('5m', 'llamacpp', 'qwen3-8b', 412, 58), performanceOf('5m', 'koboldai', NASTY, 1220, 91), performanceOf('1h', 'builtin', 'qwen3-0.6b', 190, 33), performanceOf('1h', 'llamacpp', 'qwen3-8b', 433, 61)]

const days = (bad: Readonly<Record<number, number>>) => Array.from({ length: 30 }, (_, at) => ({ day: new Date(Date.now() - (29 - at) * 86_400_000).toISOString().slice(0, 10), uptime: at < 3 ? null : (bad[at] ?? 1) }))

const uptime = (id: string, month: number, bad: Readonly<Record<number, number>>) => ({ id, today: 0.9981, month, down_seconds_today: 12, down_seconds_month: 1812, days: days(bad) })

const automation = (id: string, order: number, does: string, on: boolean, setting: string, part: object = {}) => ({ id, order, does, on, every: 'hour', setting, last: ago(1800), next: ahead(1800), result: 'nothing to do', can_run: true, ...part })

const candidate = (name: string, provider: string, chosen: boolean) => ({ instance: name, provider, in_flight: chosen ? 0 : 3, first_token_ms: chosen ? 120.4 : 640, answer_ms: 910, kept_tokens: chosen ? 512 : 0, passed_over: null, chosen })

const event = (id: number, kind: string, severity: string, provider: string | null, what: string, words: string) => ({ id, at: ago((9100 - id) * 47), kind, severity, provider, subject: null, what, words })

const events = [
  event(9001, 'helix', 'info', null, 'started', 'helix began'), event(9002, 'state', 'info', 'builtin', 'ready', 'answers, and produced a token'), event(9003, 'state', 'warning', 'vllm', 'recovering', 'it ended by signal 11 (segmentation fault) after 3 h'),
  event(9004, 'alert', 'critical', 'localai', 'critical', 'localai-z cannot be brought back: it cannot open its port: permission denied'), event(9005, 'tuning', 'info', 'llamacpp', 'kept', `threads 8 to 6: 31 % more tokens a second; ${NASTY}`),
]

export const alert = (id: number, severity: string, provider: string | null, what: string, part: object = {}) => ({
  id, state: 'firing', type: 'health', severity, rule: 'health', cause: 'engine_down', provider, subject: null, what, done: null, left: null, since: ago(600), last_seen: ago(60), count: 1, notice: false, flapping: false, resolved: null, end: null, acknowledged: null, by: null, note: null, escalated: null, told: [], link: null,
  ...part,
})

export function standInState(): Record<string, Record<string, unknown>> {
  return structuredClone({
    helix: { self: { version: '0.1.0', release: null, address: 'http://127.0.0.1:4359', monitor_address: null, pid: 4100, started: ago(93_784), sandbox: 'bubblewrap', notes: ['A newer release of helix is there: 0.1.1.'], uptime_target: 0.995, aliases: ['gpt-4o'] } },
    providers,
    instances,
    models: {
      'qwen3-0.6b': model('qwen3-0.6b', 0, 'ready', ['builtin'], { running: 1 }),
      'qwen3-8b': model('qwen3-8b', 1, 'ready', ['llamacpp'], { running: 2, waiting: 1 }),
      [NASTY]: model(NASTY, 2, 'coming', ['koboldai'], { detail: `loading ${NASTY}` }),
      'nomic-embed': model('nomic-embed', 3, 'asleep', ['llamacpp'], { abilities: ['embeddings'] }),
      'helix-selftest': model('helix-selftest', 4, 'ready', ['builtin'], { self_test: true, context_tokens: 0 }),
    },
    figures: {
      builtin: { cpu: 1.52, memory_bytes: 812_345_678, in_flight: 1, requests: 12_480, faults: 0, tokens_per_second: 31.4 },
      llamacpp: { cpu: 5.7, memory_bytes: 6_912_345_678, in_flight: 2, requests: 3120, faults: 2, tokens_per_second: 88.2 },
      koboldai: { cpu: null, memory_bytes: null, in_flight: 0, requests: 4, faults: 1, tokens_per_second: 0 },
    },
    machine: {
      cpu: { cores: 16, busy: 0.43 }, memory: { total_bytes: 68_719_476_736, available_bytes: 41_231_686_041 }, ledger: { budget_bytes: 51_539_607_552, reserved_bytes: 12_884_901_888, measured_bytes: 9_663_676_416 },
      disk: { path: '/home', total_bytes: 1_000_204_886_016, free_bytes: 212_345_678_901, low: false }, gpus: { gpus: [{ name: 'NVIDIA RTX 4070', memory_bytes: 12_884_901_888, used_bytes: 9_234_567_890, busy: 0.62, celsius: 61, watts: 182.5 }] }, daemon: { cpu: 0.02, memory_bytes: 34_567_890, dashboards: 1 },
    },
    traffic: { now: { in_flight: 3, requests: 15_604, errors: 3, requests_per_second: 2.4, tokens_per_second: 119.6 } },
    minutes,
    performance_minutes: performanceMinutes,
    machine_minutes: machineMinutes,
    performance: Object.fromEntries(performances.map(each => [`${each.window}|${each.provider}|${each.model}`, each])),
    automations: {
      health: automation('health', 0, 'looks at every engine and believes only a token', true, 'auto_manager.auto_monitor', { every: '10 seconds', next: null, can_run: false, result: '4 of 6 are well' }),
      optimisation: automation('optimisation', 1, 'tries one change of one engine, and keeps it where it is measured to be better', true, 'performance.auto_optimize', { every: '5 minutes', result: 'llamacpp: threads 8 to 6, 31 % more tokens a second' }),
      updates: automation('updates', 2, 'installs newer releases, and goes back where they fail', true, 'auto_manager.auto_update'),
      recovery: automation('recovery', 3, 'brings back what crashed or stopped answering', true, 'health.auto_recovery', { every: 'whenever it is needed', next: null, can_run: false, last: ago(40), result: 'vllm-llama serves again 2.1 s after the fault' }),
      security: automation('security', 4, "looks whether helix's files, releases, engines and requests are as they should be", false, 'security.watch', { next: null, last: null, result: null }),
      backup: automation('backup', 5, 'keeps a copy of what cannot be made again', true, 'backup.enabled', { every: 'day' }),
    },
    alerts: {
      1: alert(1, 'critical', 'localai', 'localai-z cannot be brought back: it cannot open its port: permission denied', { left: 'let helix choose the port', actions: ['acknowledge', 'silence', 'resolve'] }),
      2: alert(2, 'warning', 'vllm', `vllm-llama went down, and is being brought back: ${SCRIPT}`, { count: 3, done: 'it is started again' }),
      3: alert(3, 'warning', null, 'a key was tried 40 times from 10.0.0.9', { state: 'silenced' }),
      h812: { id: 'h812', at: ago(9000), severity: 'critical', provider: 'builtin', subject: null, what: 'critical', words: 'what the history alone tells of' },
    },
    uptime: { helix: uptime('helix', 0.9973, { 12: 0.92, 20: 0.997 }), builtin: uptime('builtin', 1, {}), llamacpp: uptime('llamacpp', 0.998, { 20: 0.95 }), vllm: uptime('vllm', 0.84, { 14: 0.4, 25: 0.9 }) },
    routes: { 412: { id: 412, at: ago(5), request: 'r-7f', asked: 'auto', model: 'qwen3-8b', provider: 'llamacpp', instance: 'llamacpp-qwen3-8b', attempt: 1, why: 'it is likely to be done first', candidates: [candidate('llamacpp-qwen3-8b', 'llamacpp', true), candidate('builtin-qwen3-8b', 'builtin', false)] } },
    events: Object.fromEntries(events.map(each => [String(each.id), each])),
  }) as Record<string, Record<string, unknown>>
}
