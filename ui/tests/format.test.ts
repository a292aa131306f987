import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, count, duration, know, list, millis, money, number, often, percent, perSecond, plural, relative, release, sentence, short, when } from '../src/format.ts'

// the narrow space between a number and its unit
const bare = (text: string): string => text.replaceAll('\u202f', ' ')

test('a figure that nobody measured is a dash and never a zero', () => {
  for (const write of [number, count, short, bytes, percent, millis, duration, money]) {
    assert.equal(write(null), '–')
    assert.equal(write(undefined), '–')
    assert.equal(write(Number.NaN), '–')
  }
  assert.equal(perSecond(null, 'tokens'), '–')
  assert.equal(relative(null, 0), '–')
})

test('numbers have three figures at most, and no tail of zeros', () => {
  assert.deepEqual([0, 0.4212, 7.31, 31.449, 118.4, 1234.5, 12480, 1234567, -3.5].map(value => bare(number(value))), ['0', '0.421', '7.31', '31.4', '118', '1235', '12 480', '1 234 567', '-3.5'])
  assert.equal(number(10), '10')
  assert.equal(number(100), '100')
  assert.equal(number(0.0001), '0')
})

test('sizes are told in powers of 1024', () => {
  assert.deepEqual([0, 1023, 1024, 812345678, 5 * 2 ** 30].map(value => bare(bytes(value))), ['0 B', '1023 B', '1 KiB', '775 MiB', '5 GiB'])
})

test('what is not whole is not called whole', () => {
  assert.equal(bare(percent(1)), '100 %')
  assert.equal(bare(percent(0.99996)), '99.99 %')
  assert.equal(bare(percent(0.9999)), '99.99 %')
  assert.equal(bare(percent(0.9951, 2)), '99.51 %')
  assert.equal(bare(percent(0.31, 0)), '31 %')
  assert.equal(bare(percent(0)), '0 %')
})

test('lengths of time have their two largest units', () => {
  assert.deepEqual([0.84, 4, 61, 3600, 3725, 90061, 86400 * 40].map(value => bare(duration(value))), ['0.8 s', '4 s', '1 min 1 s', '1 h', '1 h 2 min', '1 d 1 h', '40 d'])
})

test('milliseconds become seconds where that is easier to read', () => {
  assert.deepEqual([0.42, 31.4, 420, 1534, 61000].map(value => bare(millis(value))), ['0.42 ms', '31.4 ms', '420 ms', '1.53 s', '61 s'])
})

test('a moment is told from now', () => {
  const now = Date.parse('2026-11-30T10:00:00Z')
  const told = (text: string): string => bare(relative(when(text), now))
  assert.equal(told('2026-11-30T09:59:59Z'), 'now')
  assert.equal(told('2026-11-30T09:59:20Z'), '40 s ago')
  assert.equal(told('2026-11-30T09:15:00Z'), '45 min ago')
  assert.equal(told('2026-11-30T12:00:00Z'), 'in 2 h')
  assert.equal(told('2026-11-20T10:00:00Z'), '10 d ago')
  assert.equal(when('yesterday'), null)
  assert.equal(when(''), null)
})

test('words are put together as a sentence has them', () => {
  assert.equal(list([]), '')
  assert.equal(list(['a', 'b', 'c']), 'a, b and c')
  assert.equal(plural(1, 'engine'), '1 engine')
  assert.equal(plural(0, 'engine'), '0 engines')
  assert.equal(sentence(''), '')
  assert.equal(sentence('answers, and produced a token'), 'Answers, and produced a token')
  for (const name of ['vllm-llama went down', 'llamacpp: threads', 'qwen3 is there', 'health.check_interval is 90', 'it', 'Already', 'helix would fetch it']) assert.equal(sentence(name), name === 'it' ? 'It' : name)
  assert.deepEqual(['30 s', 'day', 'on a fault'].map(often), ['Every 30 s', 'Every day', 'On a fault'])
  assert.equal(bare(short(4200)), '4200')
  assert.equal(bare(short(42_000)), '42 k')
  assert.equal(bare(short(1_300_000)), '1.3 M')
  assert.equal(money(0.00012), '$0.0001')
})

test('a sentence that begins with the name of a provider or of a model leaves that as it is written', () => {
  assert.equal(sentence('story went down'), 'Story went down')
  know(['vllm', 'story'])
  assert.deepEqual(['story went down', 'vllm is asleep', 'stories went down', 'it is asleep'].map(sentence), ['story went down', 'vllm is asleep', 'Stories went down', 'It is asleep'])
  know([])
})

test('a version is told with no more of its commit than tells it from others', () => {
  assert.equal(release('0.1.0+79b56597191f2c1cb159b4ba9ebbdd4e10b02125'), '0.1.0+79b56597')
  for (const whole of ['0.1.0', '0.1.0+79b56597', '1.2.3-rc.1']) assert.equal(release(whole), whole)
})
