import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What of a question matters to a test. */
interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly temperature?: number
  readonly max_tokens?: number
}

/** An engine of somebody else, which helix is told to use: OpenAI's paths, and any names and answers. */
export class Engine {
  private readonly server: Server = createServer((request, response) => void this.take(request, response))
  private readonly sockets = new Set<Socket>()

  /** In the order in which they came. */
  readonly asked: Asked[] = []

  /** Answers without an end whose reader has left. */
  left = 0

  /**
   * @param answer Streamed piece by piece to whatever is asked.
   * @param endless The model of which a stream goes on after its first piece, and says nothing more.
   */
  constructor(private readonly models: readonly string[], private readonly answer: readonly string[], private readonly endless?: string) {
    this.server.on('connection', socket => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    await new Promise<void>(done => this.server.listen(0, '127.0.0.1', done))
    // a test that fails before it ends it is over all the same
    this.server.unref()
    return this
  }

  /** As if it were killed: whoever was asking hears nothing more. */
  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(done => this.server.close(done))
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const piece of request) text += piece
    if (request.url === '/v1/models') return json(response, { object: 'list', data: this.models.map(id => ({ id, object: 'model' })) })
    if (request.url !== '/v1/chat/completions') return json(response, { error: { message: 'not here', type: 'invalid_request_error' } }, 404)
    const asked = JSON.parse(text) as Asked
    this.asked.push(asked)
    const { stream, model } = asked
    const usage = { prompt_tokens: 7, completion_tokens: this.answer.length, total_tokens: 7 + this.answer.length }
    if (!stream) return json(response, { id: 'a', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: this.answer.join('') }, finish_reason: 'stop' }], usage })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const say = (content: string, isLast: boolean): void => void response.write(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: { content }, finish_reason: isLast ? 'stop' : null }] })}\n\n`)
    if (model === this.endless) {
      response.on('close', () => { this.left++ })
      return say(this.answer[0]!, false)
    }
    for (const [at, piece] of this.answer.entries()) say(piece, at === this.answer.length - 1)
    response.end(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model, choices: [], usage })}\n\ndata: [DONE]\n\n`)
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
