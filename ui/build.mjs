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

const { build } = await import('esbuild')
const result = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx', style: 'src/style/all.css' },
  bundle: true,
  write: false,
  outdir: 'dist',
  entryNames: '[name]',
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

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const files = Object.fromEntries(result.outputFiles.map(file => [file.path.slice(dist.length + 1), Buffer.from(file.contents)]))
for (const name of ['index.html', 'icon.svg']) files[name] = readFileSync(join(here, 'src', name))

const listed = {}
for (const name of Object.keys(files).sort()) {
  writeFileSync(join(dist, name), files[name])
  listed[name] = { bytes: files[name].length, sha256: createHash('sha256').update(files[name]).digest('hex') }
}

writeFileSync(join(dist, 'build.json'), `${JSON.stringify({ sources: digestOfSources(), files: listed }, null, 2)}\n`)
const compressed = Object.values(files).reduce((sum, bytes) => sum + brotliCompressSync(bytes).length, 0)
console.log(`${Object.entries(listed).map(([name, { bytes }]) => `${name} ${bytes}`).join(', ')}; together ${(compressed / 1024).toFixed(1)} KiB with brotli`)
