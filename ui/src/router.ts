import { computed, signal } from '@preact/signals'

/** Where the reader is: `#/providers/vllm?x=1` is ["providers", "vllm"] with x. */
const hash = signal(location.hash)
window.addEventListener('hashchange', () => {
  hash.value = location.hash
})

export const path = computed<readonly string[]>(() => {
  const bare = hash.value.replace(/^#\/?/, '').split('?')[0] ?? ''
  return bare.split('/').filter(part => part !== '').map(decoded)
})

export const query = computed(() => new URLSearchParams(hash.value.split('?')[1] ?? ''))

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function href(parts: readonly string[], values: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`
}

export function go(parts: readonly string[], values: Readonly<Record<string, string>> = {}): void {
  location.hash = href(parts, values)
}

/** Another address in the place of this one, and no step back to it. */
export function replace(parts: readonly string[]): void {
  history.replaceState(null, '', href(parts))
  hash.value = location.hash
}

/** The same page with other values, and no step back. */
export function amend(values: Readonly<Record<string, string>>): void {
  const merged = { ...Object.fromEntries(query.peek()), ...values }
  history.replaceState(null, '', href(path.peek(), merged))
  hash.value = location.hash
}
