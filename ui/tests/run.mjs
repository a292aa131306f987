// Runs the tests: those of plain functions, and where there is a Chromium those in a browser.
//
//   node tests/run.mjs                     all against a stand-in of helix
//   node tests/run.mjs plain               only those that need no browser
//   node tests/run.mjs published [NAME …]  those against the published program (HELIX_BINARY, else what ./helix built last); or some of them
//   node tests/run.mjs short, all          what ./test runs: the second and the third; in its long run the first and the third
//   node tests/run.mjs bench …             no test: measures the dashboard of the published program
//   node tests/run.mjs pictures …          no test: takes the pictures of the documents
//   HELIX_CHROMIUM=PATH            the browser, where it is not called chromium
//   HELIX_TEST_LONG=1              full counts of what is repeated
//   HELIX_PAGE=dist                with the page of ui/dist in the place of the published program's own

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const [what = 'standin', ...words] = process.argv.slice(2)
// one folder for each, so that two can run at once
const out = join(here, '..', 'node_modules', '.cache', `helix-tests-${what}`)
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const isWanted = name => what !== 'published' || words.length === 0 || words.some(word => name.startsWith(word))
const published = readdirSync(join(here, 'published')).filter(name => name.endsWith('.test.ts') && isWanted(name)).map(name => join('published', name))
const standin = readdirSync(here).filter(name => name.endsWith('.test.ts'))
const inBrowser = ['alerting.test.ts', 'browser.test.ts', 'look.test.ts']
const plain = standin.filter(name => !inBrowser.includes(name))
const entries = { standin, plain, published, short: [...plain, ...published], all: [...standin, ...published], bench: ['published/bench.ts', 'published/crowd.ts'], pictures: ['published/pictures.ts'] }[what]
if (!entries) {
  console.error(`tests/run.mjs does not know "${what}"; it knows standin, plain, published, short, all, bench and pictures.`)
  process.exit(2)
}

await build({
  entryPoints: entries.map(name => join(here, name)),
  bundle: true,
  outdir: out,
  outbase: here,
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})

const built = entries.map(name => join(out, name.replace(/\.ts$/, '.mjs')))
const environment = { ...process.env, HELIX_UI: join(here, '..') }
// those with a helix of their own wait for it more than they compute
const isTest = what !== 'bench' && what !== 'pictures'
const options = isTest ? ['--test', '--test-reporter=spec', ...(entries.some(name => published.includes(name)) ? ['--test-concurrency=2'] : []), ...built] : [built[0], ...words]
const { status } = spawnSync(process.execPath, options, { stdio: 'inherit', env: environment })
process.exit(status ?? 1)
