import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** An engine of somebody else, which helix is told to use: OpenAI's paths, and any names and answers. */
export class Engine {
  private readonly server: Server = createServer((request, response) => void this.take(request, response))
  private readonly sockets = new Set<Socket>()

  /** @param answer Streamed piece by piece to whatever is asked. */
  constructor(private readonly models: readonly string[], private readonly answer: readonly string[]) {
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
    const { stream, model } = JSON.parse(text) as { stream?: boolean; model: string }
    const usage = { prompt_tokens: 7, completion_tokens: this.answer.length, total_tokens: 7 + this.answer.length }
    if (!stream) return json(response, { id: 'a', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: this.answer.join('') }, finish_reason: 'stop' }], usage })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const [at, piece] of this.answer.entries()) response.write(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: { content: piece }, finish_reason: at === this.answer.length - 1 ? 'stop' : null }] })}\n\n`)
    response.end(`data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model, choices: [], usage })}\n\ndata: [DONE]\n\n`)
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
