import { Problem, send } from './api.ts'
import { pieces, StreamReader } from './sse.ts'

interface Question {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly temperature: number
  readonly maxTokens: number
}

export interface Told {
  readonly model: string | null
  readonly provider: string | null
  readonly promptTokens: number | null
  readonly answerTokens: number | null
}

interface Frame {
  readonly choices?: readonly { readonly delta?: { readonly content?: unknown; readonly reasoning_content?: unknown } }[]
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null
  readonly error?: { readonly message?: unknown; readonly code?: unknown }
}

/** Asks a model, as any client of OpenAI would; what it says is handed on as it comes. Throws a {@link Problem}. */
export async function ask(question: Question, said: (piece: string) => void, until: AbortSignal): Promise<Told> {
  const response = await send('POST', '/v1/chat/completions', {
    body: { model: question.model, messages: question.messages, temperature: question.temperature, max_tokens: question.maxTokens, stream: true, stream_options: { include_usage: true } },
    signal: until,
    headers: { accept: 'text/event-stream', 'x-helix-cache': 'off' },
  })
  if (!response.body) throw new Problem(response.status, 'error', 'helix answered without a body')
  let [promptTokens, answerTokens]: [number | null, number | null] = [null, null]
  let isWhole = false
  const reader = new StreamReader()
  try {
    for await (const piece of pieces(response.body))
      for (const { data } of reader.push(piece)) {
        if (data === '[DONE]') {
          isWhole = true
          continue
        }
        const frame = read(data)
        if (frame.error) throw new Problem(response.status, 'error', typeof frame.error.message === 'string' ? frame.error.message : 'the answer broke off')
        const { content, reasoning_content: thought } = frame.choices?.[0]?.delta ?? {}
        if (typeof thought === 'string' && thought) said(thought)
        if (typeof content === 'string' && content) said(content)
        if (typeof frame.usage?.prompt_tokens === 'number') promptTokens = frame.usage.prompt_tokens
        if (typeof frame.usage?.completion_tokens === 'number') answerTokens = frame.usage.completion_tokens
      }
  } catch (error) {
    throw Problem.of(error)
  }
  if (!isWhole) throw new Problem(response.status, 'broken_off', 'the answer broke off before its end', 'Send it again; the log of the engine may say why.')
  return { model: decoded(response.headers.get('x-helix-model')), provider: decoded(response.headers.get('x-helix-provider')), promptTokens, answerTokens }
}

function read(data: string): Frame {
  try {
    return JSON.parse(data) as Frame
  } catch {
    throw new Problem(0, 'error', 'a piece of the answer could not be read')
  }
}

function decoded(header: string | null): string | null {
  try {
    return header === null ? null : decodeURIComponent(header)
  } catch {
    return header
  }
}
