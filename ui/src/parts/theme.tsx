import { effect, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { Choice } from './choice.tsx'

type Theme = 'auto' | 'light' | 'dark'
const PLACE = 'helix.theme'

function remembered(): Theme {
  try {
    const word = localStorage.getItem(PLACE)
    return word === 'light' || word === 'dark' ? word : 'auto'
  } catch {
    return 'auto'
  }
}

const theme = signal<Theme>(remembered())
const system = matchMedia('(prefers-color-scheme: dark)')

/** Grows whenever colours change: what is drawn, and not styled, is drawn again. */
export const paint = signal(0)

system.addEventListener('change', () => paint.value++)
effect(() => {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.value
  paint.value = paint.peek() + 1
})

export function ThemeChoice(): JSX.Element {
  return (
    <Choice<Theme>
      label="Colours" value={theme.value} options={[['auto', 'Auto'], ['light', 'Light'], ['dark', 'Dark']]}
      onChange={value => {
        theme.value = value
        try {
          localStorage.setItem(PLACE, value)
        } catch {
          // then it is forgotten with this page
        }
      }}
    />
  )
}
