import type { Setting } from './answers.ts'

/** Why a text cannot be the value; null where the server has the last word. Only what is plain at once: the server checks all of it. */
export function refusal({ kind, min, max, choices, allowed }: Pick<Setting, 'kind' | 'min' | 'max' | 'choices' | 'allowed'>, text: string): string | null {
  const value = text.trim()
  if (value === '') return null
  switch (kind) {
    case 'toggle': return value === 'true' || value === 'false' ? null : `It must be ${allowed}.`
    case 'whole': return /^-?\d+$/.test(value) ? null : `It must be ${allowed}.`
    case 'amount': return /^-?\d+(\.\d+)?$/.test(value) && (min === null || Number(value) >= min) && (max === null || Number(value) <= max) ? null : `It must be ${allowed}.`
    case 'choice': return choices === null || choices.includes(value) ? null : `It must be ${allowed}.`
    case 'numbers':
    case 'texts':
      return isMap(value) ? null : `It must be ${allowed}.`
    default: return null
  }
}

function isMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
