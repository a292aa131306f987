import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UsageRow } from '../src/answers.ts'
import { countedLines, measuredLines, steps, totals, usageLines } from '../src/series.ts'

const row = (at: string, model: string, requests: number): UsageRow => ({
  at, key: null, provider: null, model, requests, failed: 1, refused: 0, left: 0, prompt_tokens: requests * 10, answer_tokens: requests, cached_tokens: 0, first_token_ms: null, tokens_per_second: null, cost_usd: 0,
})

const from = Date.parse('2026-11-30T10:00:20Z') / 1000
const to = Date.parse('2026-11-30T10:03:10Z') / 1000

test('every step is there, from the one that it begins in to the one that it ends in', () => {
  assert.equal(steps(from, to, 60).length, 4)
  assert.deepEqual(steps(to, from, 60), [])
})

test('a minute in which nothing was asked is zero', () => {
  const { times, lines } = countedLines([row('2026-11-30T10:01Z', 'a', 3)], 'minute', from, to, [['requests', each => each.requests]])
  assert.equal(times.length, 4)
  assert.deepEqual(lines, [{ name: 'requests', values: [0, 3, 0, 0] }])
})

test('rows of the same time are added up', () => {
  const { lines } = countedLines([row('2026-11-30T10:01:00Z', 'a', 3), row('2026-11-30T10:01Z', 'b', 4)], 'minute', from, to, [['requests', each => each.requests]])
  assert.deepEqual(lines[0]!.values, [0, 7, 0, 0])
})

test('the largest have a line of their own, and the rest one together', () => {
  const rows = Array.from({ length: 9 }, (_, at) => row('2026-11-30T10:02Z', `m${at}`, at + 1))
  const { lines } = usageLines(rows, 'minute', from, to, each => each.model!, each => each.requests)
  assert.deepEqual(lines.map(line => line.name), ['m8', 'm7', 'm6', 'm5', 'm4', '4 others'])
  assert.deepEqual(lines.at(-1)!.values, [0, 0, 10, 0])
  assert.equal(lines.flatMap(line => line.values).reduce((sum, value) => sum + value, 0), 45)
})

test('sums begin with what was asked most', () => {
  const sums = totals([row('2026-11-30T10:02Z', 'a', 1), row('2026-11-30T10:01Z', 'b', 5), row('2026-11-30T10:01Z', 'a', 2)], each => each.model!)
  assert.deepEqual(sums.map(sum => [sum.name, sum.requests, sum.failed, sum.promptTokens]), [['b', 5, 1, 50], ['a', 3, 2, 30]])
})

test('a minute of which nothing is known is a gap and not zero, and one that was measured in part has what was', () => {
  const told = { '2026-11-30T10:03Z': { busy: 3, free: null }, '2026-11-30T10:01Z': { busy: 1, free: 7 }, nonsense: { busy: 9, free: 9 } }
  const { times, lines } = measuredLines(told, [['busy', each => each.busy], ['free', each => each.free]])
  assert.deepEqual(times, ['10:01', '10:02', '10:03'].map(clock => Date.parse(`2026-11-30T${clock}Z`) / 1000))
  assert.deepEqual(lines, [{ name: 'busy', values: [1, null, 3] }, { name: 'free', values: [7, null, null] }])
  assert.deepEqual(measuredLines({}, [['busy', () => 1]]), { times: [], lines: [{ name: 'busy', values: [] }] })
})
