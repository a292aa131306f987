// Builds dist/. The same sources give the same bytes: nothing of this machine, of the time or of a folder's name goes in.
//
//   node build.mjs            build
//   node build.mjs --check    build nothing; exit with 1 where dist/ was made from other sources

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')

/** What dist/ is made from: everything in src/, and what says how. Paths with slashes, in the order of their bytes. */
const sources = [
  'build.mjs', 'package-lock.json', 'package.json', 'tsconfig.json',
  ...readdirSync(join(here, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(here.length + 1).replaceAll('\\', '/')),
].sort((a, b) => (a < b ? -1 : 1))

/** SHA-256 over, for each file: its path, a zero byte, its content, a zero byte. */
function digestOfSources() {
  const hash = createHash('sha256')
  for (const path of sources) hash.update(path).update('\0').update(readFileSync(join(here, path))).update('\0')
  return hash.digest('hex')
}

if (process.argv.includes('--check')) {
  const built = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8'))
  if (built.sources === digestOfSources()) process.exit(0)
  console.error('ui/dist was made from other sources than ui/src. Run: npm ci --prefix ui && npm run build --prefix ui')
  process.exit(1)
}

/** What the names in the page's source stand for. */
const entries = { begin: 'src/begin.ts', app: 'src/main.tsx', style: 'src/style/all.css' }

const { build } = await import('esbuild')
const result = await build({
  absWorkingDir: here,
  entryPoints: entries,
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  outdir: 'dist',
  // with a digest in its name a file is never another one, and a browser asks for it once; the digit in front makes it one that has a digit
  entryNames: '[name]-0[hash]',
  chunkNames: '[name]-0[hash]',
  format: 'esm',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  banner: { js: '/*! helix. With Preact and Preact Signals (Copyright Jason Miller and the Preact authors) and uPlot (Copyright Leon Sorokin), all under the MIT licence: see THIRD-PARTY-NOTICES.md. */' },
  define: { 'process.env.NODE_ENV': '"production"' },
})

const { outputs } = result.metafile
const nameOf = path => path.slice('dist/'.length)
const made = source => Object.keys(outputs).find(path => outputs[path].entryPoint === source) ?? fail(`nothing was made of ${source}`)

/** A file and all that it needs before it can run, in this order; those that only lead to others are left out. */
function closure(path, seen = new Set()) {
  if (seen.has(path)) return []
  seen.add(path)
  const before = outputs[path].imports.filter(each => each.kind === 'import-statement' && !each.external).flatMap(each => closure(each.path, seen))
  return Object.keys(outputs[path].inputs).length > 0 ? [...before, path] : before
}

const scripts = closure(made(entries.app)).map(nameOf)
const needed = new Set([...scripts, ...Object.keys(outputs).filter(path => path !== made(entries.app)).map(nameOf)])
const files = Object.fromEntries(result.outputFiles.map(file => [file.path.slice(dist.length + 1), Buffer.from(file.contents)]).filter(([name]) => needed.has(name)))
files['icon.svg'] = readFileSync(join(here, 'src', 'icon.svg'))
files['index.html'] = Buffer.from(page())

/** The page with the names of what was made. What its script needs is asked for at once, not when that was read. */
function page() {
  const names = {
    '<script src="/ui/begin.js"></script>': `<script src="/ui/${nameOf(made(entries.begin))}"></script>`,
    '<link rel="stylesheet" href="/ui/style.css">': `<link rel="stylesheet" href="/ui/${nameOf(made(entries.style))}">`,
    '<script type="module" src="/ui/app.js"></script>': [...scripts.slice(0, -1).map(name => `<link rel="modulepreload" href="/ui/${name}">`), `<script type="module" src="/ui/${scripts.at(-1)}"></script>`].join('\n'),
  }
  let html = readFileSync(join(here, 'src', 'index.html'), 'utf8')
  for (const [word, stands] of Object.entries(names)) {
    if (html.split(word).length !== 2) fail(`src/index.html has to hold this once: ${word}`)
    html = html.replace(word, () => stands)
  }
  return html
}

function fail(words) {
  throw new Error(words)
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const listed = {}
for (const name of Object.keys(files).sort()) {
  writeFileSync(join(dist, name), files[name])
  listed[name] = { bytes: files[name].length, sha256: createHash('sha256').update(files[name]).digest('hex') }
}

writeFileSync(join(dist, 'build.json'), `${JSON.stringify({ sources: digestOfSources(), files: listed }, null, 2)}\n`)
const packed = names => (names.reduce((sum, name) => sum + brotliCompressSync(files[name]).length, 0) / 1024).toFixed(1)
console.log(`${Object.entries(listed).map(([name, { bytes }]) => `${name} ${bytes}`).join(', ')}; together ${packed(Object.keys(files))} KiB with brotli, of which the first look needs ${packed(Object.keys(files).filter(name => files['index.html'].includes(name) || name === 'index.html'))}`)
