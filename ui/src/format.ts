/** How numbers, sizes and times are written. A missing value is a dash, never a zero. */

export const NONE = '–'
const THIN = '\u202f'

type Maybe = number | null | undefined

const isNumber = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value)

/** Three figures at most, never in powers of ten: 0.42, 7.3, 118, 12 480. */
export function number(value: Maybe, most = 3): string {
  if (!isNumber(value)) return NONE
  const size = Math.abs(value)
  const decimals = size === 0 || Number.isInteger(value) ? 0 : Math.max(0, Math.min(3, most - 1 - Math.floor(Math.log10(Math.max(size, 1e-3)))))
  const text = value.toFixed(decimals)
  const [whole = '', rest] = (decimals > 0 ? text.replace(/\.?0+$/, '') : text).split('.')
  return (/^-?0$/.test(whole) && !rest ? '0' : grouped(whole)) + (rest ? `.${rest}` : '')
}

export const count = (value: Maybe): string => (isNumber(value) ? grouped(String(Math.round(value))) : NONE)

function grouped(digits: string): string {
  const bare = digits.replace('-', '')
  return bare.length <= 4 ? digits : (digits.startsWith('-') ? '-' : '') + bare.replace(/\B(?=(\d{3})+$)/g, THIN)
}

/** 4.2 k, 1.3 M: for the axes of charts and for counts in a narrow place. */
export function short(value: Maybe): string {
  if (!isNumber(value)) return NONE
  const size = Math.abs(value)
  for (const [unit, letter] of [[1e9, 'G'], [1e6, 'M'], [1e4, 'k']] as const)
    if (size >= unit) return `${number(value / (letter === 'k' ? 1e3 : unit), 3)}${THIN}${letter}`
  return number(value)
}

export function bytes(value: Maybe): string {
  if (!isNumber(value)) return NONE
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let at = 0
  let size = Math.abs(value)
  while (size >= 1024 && at < units.length - 1) {
    size /= 1024
    at++
  }
  return `${number(value < 0 ? -size : size, 3)}${THIN}${units[at]}`
}

/** From 0 to 1. What is not whole is not called whole: 99.996 % stays below 100 %. */
export function percent(share: Maybe, decimals = 1): string {
  if (!isNumber(share)) return NONE
  const value = share * 100
  let text = value.toFixed(decimals)
  if (share < 1 && Number(text) === 100) text = (Math.floor(value * 100) / 100).toFixed(2)
  if (share < 1 && Number(text) === 100) text = '99.99'
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${THIN}%`
}

/** Milliseconds, as much of them as is worth reading. */
export function millis(value: Maybe): string {
  if (!isNumber(value)) return NONE
  return value >= 10_000 ? `${number(value / 1000)}${THIN}s` : value >= 1000 ? `${number(value / 1000)}${THIN}s` : `${number(value, value < 10 ? 2 : 3)}${THIN}ms`
}

export const perSecond = (value: Maybe, unit: string): string => (isNumber(value) ? `${number(value)}${THIN}${unit}/s` : NONE)

export const money = (value: Maybe): string => (isNumber(value) ? `$${value === 0 || value >= 0.1 ? value.toFixed(2) : value.toFixed(4)}` : NONE)

/** A length of time in its two largest units: 3 d 4 h, 12 min 5 s, 0.8 s. */
export function duration(seconds: Maybe): string {
  if (!isNumber(seconds) || seconds < 0) return NONE
  if (seconds < 10) return `${number(seconds, seconds < 1 ? 1 : 2)}${THIN}s`
  const whole = Math.round(seconds)
  const parts: [number, string][] = [[Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's']]
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${THIN}${unit}`).join(' ')
}

/** The same in one unit, for "… ago" and "in …". */
function rough(seconds: number): string {
  const steps: [number, string][] = [[60, 's'], [3600, 'min'], [86400, 'h'], [86400 * 60, 'd']]
  const [limit, unit] = steps.find(([most]) => seconds < most) ?? [Infinity, 'months']
  const divisor = unit === 's' ? 1 : unit === 'min' ? 60 : unit === 'h' ? 3600 : unit === 'd' ? 86400 : 86400 * 30
  return limit === Infinity ? `${Math.floor(seconds / divisor)} months` : `${Math.floor(seconds / divisor)}${THIN}${unit}`
}

export function relative(at: Date | null, now: number): string {
  if (!at) return NONE
  const seconds = (now - at.getTime()) / 1000
  if (Math.abs(seconds) < 3) return 'now'
  return seconds > 0 ? `${rough(seconds)} ago` : `in ${rough(-seconds)}`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** In the reader's own zone: 2026-11-30 02:28:05. */
export function exact(at: Date | null): string {
  return at ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at)}` : NONE
}

export const clock = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

/** Null for what is no time. */
export function when(text: string | number | null | undefined): Date | null {
  if (text === null || text === undefined || text === '') return null
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? null : at
}

export const plural = (amount: number, one: string, many = `${one}s`): string => `${count(amount)} ${amount === 1 ? one : many}`

/** Words in a row as a sentence has them: a, b and c. */
export const list = (words: readonly string[]): string => (words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`)

let names: ReadonlySet<string> = new Set()

/** Words that are names of providers and models here, and are written as they are also where a sentence begins with them. */
export function know(all: Iterable<string>): void {
  names = new Set(all)
}

/** Begins with a capital letter, unless it begins with a name: "vllm went down", "vllm-llama went down", "llamacpp: threads". */
export function sentence(text: string): string {
  const word = /^(?!helix\b)[a-z]+(?![\w:.-])/.exec(text)?.[0]
  return word === undefined || names.has(word) ? text : word[0]!.toUpperCase() + text.slice(1)
}

/** A version with no more of its commit than tells it from others: 0.1.0+79b56597. */
export const release = (version: string): string => version.replace(/(\+[0-9a-f]{8})[0-9a-f]+$/, '$1')

/** How often: "every 30 s", "every day"; what is no span stays as it is. */
export const often = (words: string): string => (/^(\d|(second|minute|hour|day|week|month)$)/.test(words) ? `Every ${words}` : sentence(words))
