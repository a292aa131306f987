import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lines, pieces, StreamReader } from '../src/sse.ts'

const read = (...parts: string[]) => {
  const reader = new StreamReader()
  return { events: parts.flatMap(part => reader.push(part)), reader }
}

test('an event is whole at its empty line, and not before', () => {
  assert.equal(read('event: change\ndata: 1\n').events.length, 0)
  assert.deepEqual(read('event: change\ndata: 1\n', '\n').events, [{ type: 'change', id: '', data: '1' }])
})

test('it does not matter where a stream is cut', () => {
  const text = '\ufeffretry: 500\r\nid: 7-1\revent: snapshot\ndata: {"a":\r\ndata: 1}\r\n\r\n: quiet\n\nid: 7-2\ndata:x\n\n'
  const whole = read(text).events
  assert.deepEqual(whole, [{ type: 'snapshot', id: '7-1', data: '{"a":\n1}' }, { type: 'message', id: '7-2', data: 'x' }])
  for (let first = 0; first <= text.length; first++)
    for (let second = first; second <= text.length; second++) assert.deepEqual(read(text.slice(0, first), text.slice(first, second), text.slice(second)).events, whole)
})

test('comments, unknown fields and events without data are nothing', () => {
  assert.deepEqual(read(': hello\n\nevent: odd\n\nfoo: bar\nid: 3\n\n').events, [])
})

test('the time before the next try is taken only where it is a number', () => {
  assert.equal(read('retry: 250\n').reader.retry, 250)
  assert.equal(read('retry: soon\n').reader.retry, null)
})

const bodyOf = (...parts: Uint8Array[]): ReadableStream<Uint8Array> => new ReadableStream({
  start(controller) {
    for (const part of parts) controller.enqueue(part)
    controller.close()
  },
})

test('a character that is cut in two is put together again', async () => {
  const bytes = new TextEncoder().encode('größer\n😀')
  for (let at = 0; at <= bytes.length; at++) {
    let text = ''
    for await (const piece of pieces(bodyOf(bytes.slice(0, at), bytes.slice(at)))) text += piece
    assert.equal(text, 'größer\n😀')
  }
})

test('lines come one by one, the last one too', async () => {
  const bytes = new TextEncoder().encode('{"a":1}\r\n\n{"b":2}')
  const all: string[] = []
  for await (const line of lines(bodyOf(bytes.slice(0, 5), bytes.slice(5)))) all.push(line)
  assert.deepEqual(all, ['{"a":1}', '', '{"b":2}'])
})
