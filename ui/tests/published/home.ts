import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { eventually } from './eventually.ts'
import { innermost, lives, processesOf } from './processes.ts'

/** The published program under test: `$HELIX_BINARY`, else what the launcher built last. */
export const binary = resolve(process.env['HELIX_BINARY'] || join(process.env['HELIX_UI']!, '..', 'artifacts', 'helix', 'current', 'helix'))

/** The model of helix itself, which is always there, and what the built-in engine runs it as. */
export const SELFTEST = 'helix-selftest'
export const SELFTEST_INSTANCE = `builtin-${SELFTEST}`

export interface Answered<T> {
  readonly status: number
  readonly json: T
}

/** What is said of a provider of a test. */
interface Described {
  readonly name?: string
  readonly description?: string
  /** The release that is in use, where the manifest names 1.0; null for none. */
  readonly installed?: string | null
  /** A release that was in use before; none unless it is named. */
  readonly older?: string
  /** Terms that have to be accepted first, by their address. */
  readonly terms?: string
  /** The path of a page of its own. */
  readonly page?: string
  /** The repository whose releases are looked at for newer ones. */
  readonly newer?: string
}

/** A whole helix in a folder of its own, without a network. Whoever ends it fails if a process was left behind. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'helix-browser-'))
  readonly root = join(this.folder, 'home')
  readonly environment: Record<string, string>

  private constructor(readonly port: number) {
    for (const name of ['user', 'tmp', 'run']) mkdirSync(join(this.folder, name), { mode: 0o700 })
    this.environment = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HELIX_OFFLINE: '1', HF_ENDPOINT: 'https://hub.invalid',
      HOME: join(this.folder, 'user'), TMPDIR: join(this.folder, 'tmp'), XDG_RUNTIME_DIR: join(this.folder, 'run'), HELIX_HOME: this.root,
    }
  }

  /** @param settings Further sections of the configuration. */
  static async make(settings = '', enabled: readonly string[] = []): Promise<Home> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`./helix version\` first, it builds the program`)
    const home = new Home(await freePort())
    mkdirSync(dirname(home.config), { recursive: true })
    writeFileSync(home.config, `gateway:\n  port: ${home.port}\nbuiltin:\n  threads: 1\n  device: cpu\nproviders:\n  enabled: [${['builtin', ...enabled].join(', ')}]\n${settings}`)
    return home
  }

  get llm(): string { return join(this.root, 'local-llm') }

  get config(): string { return join(this.llm, 'auto-manager', 'config', 'auto-config.yaml') }

  /** What `http://…` the gateway has. */
  get address(): string { return `http://${readFileSync(join(this.llm, 'run', 'address'), 'utf8').trim()}` }

  get daemon(): number { return Number(readFileSync(join(this.llm, 'run', 'helix.pid'), 'utf8')) }

  get daemonLog(): string { return readFileSync(join(this.llm, 'logs', 'helix', 'daemon.log'), 'utf8') }

  /** Runs the program to its end. @returns What it wrote to standard output; a failure is thrown with all that it said. */
  async helix(...words: readonly string[]): Promise<string> {
    const child = spawn(binary, words, { env: this.environment, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, error] = ['', '']
    child.stdout.on('data', piece => { out += piece })
    child.stderr.on('data', piece => { error += piece })
    const code = await new Promise<number | null>((done, failed) => {
      child.on('error', failed)
      child.on('exit', done)
    })
    if (code !== 0) throw new Error(`helix ${words.join(' ')} ended with ${code}\n${out}\n${error}`)
    return out
  }

  /** @returns The link to the dashboard that it printed. */
  async start(...words: readonly string[]): Promise<string> {
    const said = await this.helix('start', ...words)
    return /http:\S+\/#\/sign-in\/\S+/.exec(said)?.[0] ?? fail(`helix start printed no link:\n${said}`)
  }

  async link(): Promise<string> {
    return (await this.helix('dashboard', '--no-browser')).trim()
  }

  /** helix's own API on its unix socket. */
  async api<T>(method: string, path: string, body?: unknown): Promise<Answered<T>> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((done, failed) => {
      const asked = request({ socketPath: join(readlinkSync(join(this.llm, 'run')), 'helix.sock'), method, path, headers: { accept: 'application/json', ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) } }, response => {
        let said = ''
        response.setEncoding('utf8').on('data', piece => { said += piece }).on('end', () => done({ status: response.statusCode!, json: said.startsWith('{') ? JSON.parse(said) as T : said as T })).on('error', failed)
      })
      asked.on('error', failed)
      asked.end(text)
    })
  }

  async get<T>(path: string): Promise<T> {
    const { status, json } = await this.api<T>('GET', path)
    return status === 200 ? json : fail(`GET ${path} was answered with ${status}: ${JSON.stringify(json)}`)
  }

  async provider(id: string): Promise<{ readonly id: string; readonly name: string; readonly state: string; readonly reason: string; readonly model: string | null; readonly release: string | null; readonly pid: number | null }> {
    const { providers } = await this.get<{ providers: readonly { id: string; name: string; state: string; reason: string; model: string | null; release: string | null; pid: number | null }[] }>('/helix/v1/providers')
    return providers.find(each => each.id === id) ?? fail(`there is no provider ${id}`)
  }

  /** The process of an engine itself, by its instance. */
  async engine(instance = SELFTEST_INSTANCE): Promise<number> {
    const { memory } = await this.get<{ memory: { instances: readonly { name: string; pid: number }[] } }>('/helix/v1/status')
    const found = memory.instances.find(each => each.name === instance)
    return found ? innermost(found.pid) : fail(`${instance} has no process`)
  }

  /** Describes a provider of the user's own and leaves it as an installation does: a shell runs `command`, which knows the engine's words as `"$@"`. */
  addProvider(id: string, command: string, described: Described = {}): void {
    const { installed = '1.0', older = null } = described
    mkdirSync(join(this.llm, 'providers.d'), { recursive: true })
    writeFileSync(join(this.llm, 'providers.d', `${id}.yaml`), manifest(id, described))
    for (const [version, link] of [[installed, 'current'], [older, 'previous']] as const) {
      if (version === null) continue
      const release = join(this.llm, 'providers', id, 'versions', version)
      mkdirSync(release, { recursive: true })
      writeFileSync(join(release, 'engine'), scriptOf(command))
      chmodSync(join(release, 'engine'), 0o755)
      writeFileSync(join(release, 'release.json'), JSON.stringify({ provider: id, version, on: 'None', gpus: 0, kind: 'Binary', installed: '2026-01-01T00:00:00+00:00', bytes: 100, tools: {}, digests: [], tested: 'nothing' }))
      symlinkSync(`versions/${version}`, join(this.llm, 'providers', id, link))
    }
  }

  async stop(): Promise<void> {
    await this.helix('stop')
  }

  async end(): Promise<void> {
    if (processesOf(this.root).length > 0) await this.stop()
    const left = processesOf(this.root)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    await eventually(() => !left.some(lives), 'the end of killed processes')
    const isCritical = existsSync(join(this.llm, 'logs', 'helix', 'daemon.log')) && / crit: /.test(this.daemonLog)
    const log = isCritical ? this.daemonLog : ''
    rmSync(this.folder, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`${left.length} processes were left behind after \`helix stop\``)
    if (isCritical) throw new Error(`critical in the daemon's log:\n${log}`)
  }
}

function fail(words: string): never {
  throw new Error(words)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise(done => server.close(done))
  return port
}

/** The program of a release, as {@link Home.addProvider} lays it down. */
export const scriptOf = (command: string): string => `#!/bin/sh\n${command}\n`

const manifest = (id: string, { name = id, description = 'An engine of a test', terms, page, newer }: Described): string => `id: ${id}
name: ${JSON.stringify(name)}
category: high-performance
description: ${JSON.stringify(description)}
licence: Apache-2.0
home: https://example.org/
tier: 2
runs:
  elsewhere: it is for Linux
  platforms:
    - {os: linux, architectures: [x64, arm64]}
install:
  - kind: binary
    version: "1.0"
    program: engine
    url: https://example.org/${id}/{version}/{asset}${terms ? `\n    accept: ${terms}` : ''}
    assets:
      - {os: linux, architectures: [x64, arm64], name: engine}
${newer ? `newer: {from: github-releases, name: ${newer}, prefix: v}\n` : ''}models:
  formats: [gguf]
preference: 50
launch:
  listen: socket
  processes:
    - program: "{release}/engine"
      arguments:
        - words: [--socket, "{socket}", --model, "{model}", --alias, "{model_id}", --context, "{context}", --threads, "1"]
  memory_mb: 60
serves:
  dialects: [openai]
  abilities: [chat, completions]
  ready: {path: /health, status: 200}
${page ? `  interface: {path: ${page}}\n` : ''}`
