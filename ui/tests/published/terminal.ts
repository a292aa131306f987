import { execFileSync } from 'node:child_process'
import { binary, type Home } from './home.ts'
import { eventually } from './eventually.ts'

// A real terminal, tmux, with a command of helix in it, as a page that looks like it.

const COLUMNS = 118
const ROWS = 32

/** What the 16 colours of a terminal are here. */
const COLOURS = ['#1c1f26', '#e5534b', '#57ab5a', '#c69026', '#539bf5', '#b083f0', '#39c5cf', '#adbac7', '#768390', '#ff938a', '#6bc46d', '#daaa3f', '#6cb6ff', '#dcbdfb', '#56d4dd', '#ffffff']
const [GROUND, INK] = ['#1c1f26', '#cdd9e5']

/** The page of what a command draws, once `isThere` finds in its text what it waits for. */
export async function terminalPage(home: Home, words: readonly string[], isThere: (text: string) => boolean): Promise<string> {
  const tmux = (...more: readonly string[]): string => execFileSync('tmux', ['-S', `${home.folder}/terminal.sock`, '-f', '/dev/null', ...more], { env: { ...home.environment, TERM: 'xterm-256color', COLORTERM: 'truecolor' }, encoding: 'utf8' })
  tmux('new-session', '-d', '-s', 'shown', '-x', String(COLUMNS), '-y', String(ROWS), binary, ...words)
  try {
    await eventually(async () => isThere(tmux('capture-pane', '-p', '-t', 'shown')), `what helix ${words.join(' ')} draws`, { within: 60_000 })
    const lines = tmux('capture-pane', '-e', '-p', '-t', 'shown').split('\n')
    return `<!doctype html><meta charset="utf-8"><title>terminal</title><style>body { margin: 0; background: ${GROUND} } pre { margin: 0; padding: 14px 18px; width: max-content; color: ${INK}; font: 14px/1.32 'DejaVu Sans Mono', monospace }</style><pre>${lines.join('\n').trimEnd().split('\n').map(lineOf).join('\n')}</pre>`
  } finally {
    tmux('kill-server')
  }
}

/** One line of `tmux capture-pane -e` in HTML: texts in between are of the look that the sequences before them set. */
function lineOf(line: string): string {
  const look = { ink: '', ground: '', bold: false, dim: false, line: false, turned: false }
  let html = ''
  // eslint-disable-next-line no-control-regex
  for (const [, codes, text] of `\x1b[0m${line}`.matchAll(/\x1b\[([\d;]*)m([^\x1b]*)/g)) {
    set(look, (codes || '0').split(';').map(Number))
    if (!text) continue
    const [ink, ground] = look.turned ? [look.ground || GROUND, look.ink || INK] : [look.ink, look.ground]
    const style = [ink && `color:${ink}`, ground && `background:${ground}`, look.bold && 'font-weight:bold', look.dim && 'opacity:.65', look.line && 'text-decoration:underline'].filter(Boolean).join(';')
    html += `<span style="${style}">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</span>`
  }
  return html
}

function set(look: { ink: string, ground: string, bold: boolean, dim: boolean, line: boolean, turned: boolean }, codes: number[]): void {
  while (codes.length > 0) {
    const code = codes.shift()!
    if (code === 0) Object.assign(look, { ink: '', ground: '', bold: false, dim: false, line: false, turned: false })
    else if (code === 1) look.bold = true
    else if (code === 2) look.dim = true
    else if (code === 4) look.line = true
    else if (code === 7) look.turned = true
    else if (code === 22) look.bold = look.dim = false
    else if (code === 24) look.line = false
    else if (code === 27) look.turned = false
    else if (code === 38) look.ink = wide(codes)
    else if (code === 48) look.ground = wide(codes)
    else if (code === 39) look.ink = ''
    else if (code === 49) look.ground = ''
    else if (code >= 30 && code <= 37) look.ink = COLOURS[code - 30]!
    else if (code >= 40 && code <= 47) look.ground = COLOURS[code - 40]!
    else if (code >= 90 && code <= 97) look.ink = COLOURS[code - 82]!
    else if (code >= 100 && code <= 107) look.ground = COLOURS[code - 92]!
  }
}

/** A colour of 256, or of three bytes. */
function wide(codes: number[]): string {
  if (codes.shift() === 2) return `rgb(${codes.splice(0, 3).join(' ')})`
  const number = codes.shift() ?? 0
  if (number < 16) return COLOURS[number]!
  if (number >= 232) return `rgb(${Array(3).fill(8 + (number - 232) * 10).join(' ')})`
  const step = (at: number): number => [0, 95, 135, 175, 215, 255][Math.floor((number - 16) / at) % 6]!
  return `rgb(${step(36)} ${step(6)} ${step(1)})`
}
