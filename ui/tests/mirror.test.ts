import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applied, pause, readChange, readSnapshot, type State } from '../src/mirror.ts'

const state: State = { providers: { vllm: { state: 'ready', model: 'a' }, jan: { state: 'available' } }, figures: { vllm: { requests: 1 } } }
const after = (set: Record<string, Record<string, unknown>>): State => applied(state, { at: '', set })

test('a value replaces the whole value before it', () => {
  assert.deepEqual(after({ providers: { vllm: { state: 'stopped' } } })['providers'], { vllm: { state: 'stopped' }, jan: { state: 'available' } })
})

test('null takes a key away, and one that is not there stays away', () => {
  assert.deepEqual(after({ providers: { jan: null, nobody: null } })['providers'], { vllm: { state: 'ready', model: 'a' } })
})

test('a section that is new comes to be', () => {
  assert.deepEqual(after({ alerts: { h1: { words: 'x' } } })['alerts'], { h1: { words: 'x' } })
})

test('what is not touched stays the same object', () => {
  const next = after({ figures: { vllm: { requests: 2 } } })
  assert.equal(next['providers'], state['providers'])
  assert.notEqual(next['figures'], state['figures'])
  assert.deepEqual(state['figures'], { vllm: { requests: 1 } })
  assert.equal(after({ providers: { jan: { state: 'ready' } } })['providers']!['vllm'], state['providers']!['vllm'])
})

test('names that mean something to the language mean nothing here', () => {
  const change = readChange('{"at":"x","set":{"models":{"__proto__":{"polluted":true},"constructor":{"id":"c"}},"__proto__":{"a":{"b":1}}}}')
  assert.ok(change)
  const next = applied({}, change)
  assert.deepEqual(Object.keys(next['models']!), ['__proto__', 'constructor'])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(({} as Record<string, unknown>)['a'], undefined)
  assert.ok(Object.hasOwn(next, '__proto__'))
})

test('what is no snapshot and no change is told from one', () => {
  assert.equal(readSnapshot('{"at":"x"}'), null)
  assert.equal(readSnapshot('{"at":"x","state":{"a":[]}}'), null)
  assert.equal(readChange('{"at":"x","set":null}'), null)
  assert.equal(readChange('[]'), null)
  assert.throws(() => readChange('{'))
  assert.deepEqual(readSnapshot('{"at":"x","state":{"a":{"b":1}}}'), { at: 'x', state: { a: { b: 1 } } })
})

test('tries come slower and slower, up to a quarter of a minute, and never together', () => {
  for (let failures = 0; failures < 60; failures++)
    for (const draw of [0, 0.5, 0.999]) {
      const wait = pause(500, failures, draw)
      assert.ok(wait >= 375 && wait <= 18_750, `${wait}`)
    }
  assert.ok(pause(500, 3, 0.5) > pause(500, 1, 0.5))
  assert.notEqual(pause(500, 3, 0.1), pause(500, 3, 0.9))
})
