import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setupOf } from '../src/channeltext.ts'
import { levelOf, matches, split } from '../src/logtext.ts'
import { wordsOf } from '../src/noticetext.ts'
import { refusal } from '../src/settingtext.ts'

test('a line of a log says how bad it is', () => {
  assert.equal(levelOf('E 12:00 cannot open'), 'error')
  assert.equal(levelOf('RuntimeError: CUDA out of memory'), 'error')
  assert.equal(levelOf('Traceback (most recent call last):'), 'error')
  assert.equal(levelOf('WARNING: deprecated flag'), 'warning')
  assert.equal(levelOf('error: failed to load'), 'error')
  assert.equal(levelOf('loaded in 812 ms'), 'info')
})

test('all words that are searched for have to be there', () => {
  assert.ok(matches('GET /v1/models 200', 'models get'))
  assert.ok(!matches('GET /v1/models 200', 'models post'))
  assert.ok(matches('anything', '  '))
})

test('a line is the same when its parts are put together again', () => {
  for (const [line, wanted] of [['a.b.c', '.'], ['<script>alert(1)</script>', 'script ALERT'], ['aaa', 'aa a'], ['İstanbul', 'stan'], ['', 'x'], ['x', '']] as const) {
    assert.equal(split(line, wanted).join(''), line)
    assert.equal(split(line, wanted).length % 2, 1)
  }
  assert.deepEqual(split('one two one', 'ONE'), ['', 'one', ' two ', 'one', ''])
})

test('a value that is plainly wrong is refused before it is sent', () => {
  const whole = { kind: 'whole', min: 1, max: 3600, choices: null, allowed: 'a whole number from 1 to 3600' }
  assert.equal(refusal(whole, '60'), null)
  assert.equal(refusal(whole, ''), null)
  assert.match(refusal(whole, 'soon')!, /whole number/)
  // a number outside may be allowed besides: the server knows
  assert.equal(refusal(whole, '0'), null)
  assert.match(refusal({ ...whole, kind: 'amount' }, '0.5')!, /must be/)
  assert.equal(refusal({ ...whole, kind: 'amount' }, '1.5'), null)
  assert.match(refusal({ ...whole, kind: 'choice', choices: ['a', 'b'] }, 'c')!, /must be/)
  assert.match(refusal({ ...whole, kind: 'texts' }, '[1]')!, /must be/)
  assert.equal(refusal({ ...whole, kind: 'texts' }, '{"a":"b"}'), null)
  assert.equal(refusal({ ...whole, kind: 'text' }, 'anything'), null)
})

test('a notice says of one alert what its title leaves out, and of several what they are', () => {
  const one = 'ERROR 12 wrong keys\n  since 2026-11-30 10:00 UTC\n  helix did: nothing by itself\n  left to do: see helix doctor\n  alert 7: http://h/#alerts/7\n'
  assert.equal(wordsOf({ text: one, alerts: [7] }), 'since 2026-11-30 10:00 UTC\nhelix did: nothing by itself\nleft to do: see helix doctor')
  assert.equal(wordsOf({ text: `${one}${one.replaceAll('7', '8').replace('ERROR', 'WARNING')}and 3 more: helix alerts list\n`, alerts: [7, 8] }), 'ERROR 12 wrong keys\nWARNING 12 wrong keys\nand 3 more: helix alerts list')
  assert.equal(wordsOf({ text: 'helix: a test message\n  sent at noon\n', alerts: [] }), 'sent at noon')
  assert.equal(wordsOf({ text: `x\n  ${'y'.repeat(900)}\n`, alerts: [1] }).length, 400)
})

test('of a channel only what was typed is sent, and a secret as it was typed', () => {
  assert.deepEqual(setupOf({ server: ' smtp.example.org ', safety: '', user: '  ', secret: ' with spaces ', to: 'a@example.org, b@example.org,' }), { server: 'smtp.example.org', secret: ' with spaces ', to: ['a@example.org', 'b@example.org'] })
  assert.deepEqual(setupOf({}), {})
})
