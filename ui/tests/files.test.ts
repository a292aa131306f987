import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'

const dist = join(process.env['HELIX_UI']!, 'dist')
const names = readdirSync(dist).filter(name => name !== 'build.json')
const text = (name: string): string => readFileSync(join(dist, name), 'utf8')
const page = text('index.html')
const firstScripts = names.filter(name => name.endsWith('.js') && page.includes(`/ui/${name}`))
const packed = (all: readonly string[]): number => all.reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(dist, name))).length, 0) / 1024

test('all of it together is small, and what the first look needs is the smaller part', () => {
  assert.ok(packed(names) <= 300, `${packed(names)} KiB`)
  const scripts = names.filter(name => name.endsWith('.js'))
  assert.ok(packed(firstScripts) < packed(scripts) * 0.6, `${packed(firstScripts)} of ${packed(scripts)} KiB`)
})

test('the page asks for files that are there, and each has the digest of its content in its name', () => {
  const asked = [...page.matchAll(/(?:src|href)="\/ui\/([^"]+)"/g)].map(([, name]) => name!)
  assert.deepEqual(asked.filter(name => !names.includes(name)), [])
  assert.ok(asked.some(name => name.startsWith('begin-')) && firstScripts.length >= 2)
  for (const name of names.filter(each => each !== 'index.html' && each !== 'icon.svg')) assert.match(name, /-0[A-Z2-7]{8}\.(js|css)$/)
})

test('what the first look does not show is in other files: the charts, and the other pages', () => {
  for (const words of [/["'`]uplot["'`]/, /The library is empty/, /Nothing was said yet/, /No stream in the last hour/]) {
    const where = names.filter(name => name.endsWith('.js') && words.test(text(name)))
    assert.ok(where.length === 1 && !firstScripts.includes(where[0]!), `${words} is in ${where.join()}`)
  }
})

test('what runs before the rest stands alone', () => {
  const begin = names.find(name => name.startsWith('begin-'))!
  assert.doesNotMatch(text(begin), /\b(import|export)\b\s*[{"'*(]/)
})
