import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertOf, byUrgency, firingBySeverity } from '../src/alerts.ts'
import type { Instance, KeptAlert, Provider, ServedModel } from '../src/contract.ts'
import { verdictOf } from '../src/verdict.ts'

const provider = (id: string, state: string, part: Partial<Provider> = {}): Provider => ({
  id, name: id.toUpperCase(), order: 0, category: '', description: '', state, reason: 'because', since: '2026-11-30T10:00:00Z', pid: null, model: null, release: null, previous: null, verified: '', attached: false, cloud: false, terms: null, actions: [], ...part,
})
const model = (id: string, state: string, part: Partial<ServedModel> = {}): ServedModel => ({ id, order: 0, state, detail: null, abilities: ['chat'], context_tokens: 0, self_test: false, origin: 'own', providers: [], running: 0, waiting: 0, ...part })
const alert = (part: Partial<KeptAlert>) => alertOf({ id: 1, state: 'firing', type: 'health', severity: 'critical', rule: 'health', cause: 'engine_down', provider: null, subject: null, what: 'it burns', done: null, left: null, since: '2026-11-30T10:00:00Z', last_seen: '2026-11-30T10:00:00Z', count: 1, flapping: false, resolved: null, end: null, acknowledged: null, by: null, ...part })

const seen = (part: Partial<Parameters<typeof verdictOf>[0]>) => verdictOf({ helix: null, providers: [provider('vllm', 'ready')], instances: [], models: [model('m', 'ready')], alerts: [], machine: {}, ...part })

test('where all is well, nothing needs anybody', () => {
  const { tone, title, needs, words } = seen({})
  assert.deepEqual([tone, title, needs.length], ['ok', 'Everything works', 0])
  assert.equal(words, '1 engine runs: VLLM; 1 model is ready.')
})

test('an engine that cannot be brought back needs somebody, with what to do', () => {
  const instance = { name: 'i', provider: 'vllm', state: 'critical', remedy: 'free some memory' } as Instance
  const { tone, title, needs } = seen({ providers: [provider('vllm', 'critical')], instances: [instance] })
  assert.equal(tone, 'bad')
  assert.equal(title, 'One thing needs you')
  assert.equal(needs[0]!.remedy, 'free some memory')
  assert.equal(needs[0]!.href, '#/providers/vllm')
})

test('the same trouble is told once', () => {
  assert.equal(seen({ providers: [provider('vllm', 'critical')], alerts: [alert({ provider: 'vllm' })] }).needs.length, 1)
})

test('what was acknowledged, silenced, resolved, or comes from the history needs nobody', () => {
  for (const state of ['pending', 'acknowledged', 'silenced', 'resolved']) assert.equal(seen({ alerts: [alert({ state })] }).needs.length, 0)
  assert.equal(seen({ alerts: [alertOf({ id: 'h1', at: '2026-11-30T10:00:00Z', severity: 'critical', provider: null, subject: null, what: 'critical', words: 'it burned' })] }).needs.length, 0)
  assert.equal(seen({ alerts: [alert({})] }).needs.length, 1)
  assert.equal(seen({ alerts: [alert({ severity: 'warning' })] }).needs.length, 0)
})

test('what helix mends needs nobody, and is told', () => {
  const { tone, title, needs, mending } = seen({ providers: [provider('vllm', 'recovering')] })
  assert.deepEqual([tone, title, needs.length, mending], ['warn', 'helix is mending an engine', 0, 'VLLM: because'])
  assert.equal(seen({}).mending, null)
})

test('what is on its way is told as such', () => {
  assert.equal(seen({ providers: [provider('vllm', 'starting')], models: [model('m', 'coming')] }).title, 'Getting ready')
  assert.equal(seen({ models: [model('s', 'ready', { self_test: true })] }).title, 'There is no model yet')
  assert.equal(seen({ providers: [provider('vllm', 'standby')], models: [model('m', 'off')] }).title, 'Everything is off')
  assert.equal(seen({ providers: [provider('vllm', 'standby')], models: [model('m', 'asleep')] }).title, 'Everything works')
})

test('a disk that is nearly full needs somebody', () => {
  assert.equal(seen({ machine: { disk: { path: '/', total_bytes: 1, free_bytes: 0, low: true } } }).needs.length, 1)
})

test('alerts stand in the order of their urgency', () => {
  const sorted = [alert({ id: 1, state: 'silenced' }), alert({ id: 2, severity: 'warning' }), alert({ id: 3 }), alert({ id: 4, state: 'acknowledged' }), alert({ id: 5, since: '2026-11-30T11:00:00Z' })].sort(byUrgency)
  assert.deepEqual(sorted.map(each => each.id), ['5', '3', '2', '4', '1'])
  assert.deepEqual(firingBySeverity(sorted), [['critical', 2], ['warning', 1]])
})

test('what can be done with an alert follows from its state, unless it is told', () => {
  assert.deepEqual(alert({}).actions, ['acknowledge', 'silence'])
  assert.deepEqual(alert({ state: 'acknowledged' }).actions, ['silence'])
  assert.deepEqual(alert({ state: 'silenced' }).actions, [])
  assert.deepEqual(alert({ actions: ['resolve'] }).actions, ['resolve'])
})
