import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

/**
 * Where helix fetches from: files by their path, and below `/hub` those of a hub, which answers as Hugging Face does. Told to, it holds the second half of a
 * file back.
 */
export class Upstream {
  private readonly server: Server = createServer((request, response) => void this.answer(request, response))
  private readonly files = new Map<string, Buffer>()
  private readonly holds = new Map<string, Promise<void>>()

  /** Where each answer with a file began, in bytes. */
  readonly began: { readonly path: string; readonly from: number }[] = []

  /** Answers whose reader left before their end. */
  left = 0

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    await new Promise<void>(done => this.server.listen(0, '127.0.0.1', done))
    // a test that fails before it ends it is over all the same
    this.server.unref()
    return this
  }

  /** @param path A file of a hub: `/hub/OWNER/REPOSITORY/FILE`. */
  offer(path: string, bytes: string | Buffer): void {
    this.files.set(path, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  }

  /** From now on only the first half of a file comes. @returns Lets the other one come, too. */
  hold(path: string): () => void {
    let go = (): void => {}
    this.holds.set(path, new Promise<void>(done => { go = done }))
    return () => go()
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url!, 'http://upstream').pathname)
    const [repository = '', revised] = path.split('/resolve/')
    if (revised !== undefined) return this.declare(response, `${repository}${revised.slice(revised.indexOf('/'))}`)
    const bytes = this.files.get(path)
    if (!bytes) return void response.writeHead(404).end()
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, {
      etag: `"${digestOf(bytes)}"`, 'accept-ranges': 'bytes', 'content-length': bytes.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    if (request.method === 'HEAD') return void response.end()
    this.began.push({ path, from })
    response.on('close', () => {
      if (!response.writableFinished) this.left++
    })
    const [hold, half] = [this.holds.get(path), bytes.length >> 1]
    if (hold && from < half) {
      response.write(bytes.subarray(from, half))
      await hold
    }
    if (!response.destroyed) response.end(bytes.subarray(hold ? Math.max(from, half) : from))
  }

  /** Says what a file of the hub is, and leads to it. */
  private declare(response: ServerResponse, path: string): void {
    const bytes = this.files.get(path)
    if (!bytes) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()
    response.writeHead(302, { location: path, 'x-repo-commit': COMMIT, 'x-linked-etag': `"${digestOf(bytes)}"`, 'x-linked-size': bytes.length }).end()
  }
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
