/** Reads text/event-stream, piece by piece, as the HTML standard has it. */

export interface StreamEvent {
  readonly type: string
  readonly id: string
  readonly data: string
}

export class StreamReader {
  private rest = ''
  private data: string[] = []
  private type = ''
  private id = ''
  private seenReturn = false
  private first = true

  /** How long to wait before the next try, in milliseconds, as the server wants it; null while it said nothing. */
  retry: number | null = null

  /** What has become whole with this piece. */
  push(piece: string): StreamEvent[] {
    if (this.first && piece.length > 0) {
      this.first = false
      if (piece.charCodeAt(0) === 0xfeff) piece = piece.slice(1)
    }
    if (piece === '') return []
    const events: StreamEvent[] = []
    // the \n of \r\n ends no line of its own, also where a piece ends between the two
    let from = this.seenReturn && piece[0] === '\n' ? 1 : 0
    this.seenReturn = false
    let [feed, back] = [piece.indexOf('\n', from), piece.indexOf('\r', from)]
    while (feed >= 0 || back >= 0) {
      const isReturn = back >= 0 && (feed < 0 || back < feed)
      const end = isReturn ? back : feed
      const event = this.line(this.rest + piece.slice(from, end))
      if (event) events.push(event)
      this.rest = ''
      from = end + 1
      if (isReturn && from === piece.length) this.seenReturn = true
      else if (isReturn && piece[from] === '\n') from++
      if (feed >= 0 && feed < from) feed = piece.indexOf('\n', from)
      if (back >= 0 && back < from) back = piece.indexOf('\r', from)
    }
    this.rest += piece.slice(from)
    return events
  }

  private line(line: string): StreamEvent | null {
    if (line === '') return this.dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    let value = colon < 0 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    if (field === 'data') this.data.push(value)
    else if (field === 'event') this.type = value
    else if (field === 'id' && !value.includes('\0')) this.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value)
    return null
  }

  private dispatch(): StreamEvent | null {
    const { data, type } = this
    this.data = []
    this.type = ''
    return data.length === 0 ? null : { type: type || 'message', id: this.id, data: data.join('\n') }
  }
}

/** Reads a body as text, piece by piece, until it ends or the signal says so. */
export async function* pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) break
      const text = decoder.decode(value, { stream: true })
      if (text) yield text
    }
    const rest = decoder.decode()
    if (rest) yield rest
  } finally {
    reader.cancel().catch(() => {})
  }
}

/** The same, line by line; the last line counts though nothing ends it. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces(body)) {
    const parts = (rest + piece).split('\n')
    rest = parts.pop()!
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest) yield rest
}
