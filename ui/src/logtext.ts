/** What a line of a log says of itself, and where in it something stands. */

export type Level = 'error' | 'warning' | 'info'

const ERROR = /\b(\w*error|fatal|critical|panic|exception|traceback|fail(ed|ure)?|segfault|abort(ed)?)\b/i
const WARNING = /\b(warn(ing)?|deprecated|retry(ing)?|timed? ?out)\b/i

/** Some begin their lines with one letter for it. */
const LETTER = /^\s*([EFW])[ \d]/

/** A guess from its words: engines write as they like. */
export function levelOf(line: string): Level {
  const head = line.slice(0, 400)
  const letter = LETTER.exec(head)?.[1]
  if (letter) return letter === 'W' ? 'warning' : 'error'
  return ERROR.test(head) ? 'error' : WARNING.test(head) ? 'warning' : 'info'
}

/** Every word has to be in it, in any order; large and small letters are the same. */
export function matches(line: string, wanted: string): boolean {
  const lower = line.toLowerCase()
  return words(wanted).every(word => lower.includes(word))
}

const words = (wanted: string): string[] => wanted.toLowerCase().split(/\s+/).filter(word => word !== '')

/** The line in parts: every second one is what was searched for. */
export function split(line: string, wanted: string): string[] {
  const all = words(wanted)
  if (all.length === 0) return [line]
  const lower = line.toLowerCase()
  // where lengths differ, as with some letters of Turkish, places would too
  if (lower.length !== line.length) return [line]
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < line.length;) {
    const hit = all.filter(word => lower.startsWith(word, at)).sort((a, b) => b.length - a.length)[0]
    if (hit === undefined) {
      at++
      continue
    }
    parts.push(line.slice(from, at), line.slice(at, at + hit.length))
    at += hit.length
    from = at
  }
  return [...parts, line.slice(from)]
}
