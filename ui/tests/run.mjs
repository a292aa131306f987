// Runs the tests: those of plain functions, and where there is a Chromium those in a browser.
//
//   node tests/run.mjs             all
//   HELIX_CHROMIUM=PATH            the browser, where it is not called chromium

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const out = join(here, '..', 'node_modules', '.cache', 'helix-tests')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const tests = readdirSync(here).filter(name => name.endsWith('.test.ts'))
await build({
  entryPoints: tests.map(name => join(here, name)),
  bundle: true,
  outdir: out,
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})

const { status } = spawnSync(process.execPath, ['--test', ...tests.map(name => join(out, name.replace(/\.ts$/, '.mjs')))], { stdio: 'inherit', env: { ...process.env, HELIX_UI: join(here, '..') } })
process.exit(status ?? 1)
