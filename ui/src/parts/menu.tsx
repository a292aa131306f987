import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'
import * as Icons from './icons.tsx'

interface MenuProps {
  readonly label: string
  /** Asked for while it is open: most are never opened. */
  readonly children: () => ComponentChildren
}

/** A button that opens a short list of what can be done. Escape, and a click elsewhere, close it. */
export function Menu({ label, children }: MenuProps): JSX.Element {
  const id = useId()
  const isOpen = useSignal(false)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  function place(): void {
    if (!button.current || !list.current) return
    const at = button.current.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = list.current
    const top = at.bottom + height + 8 > window.innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4
    list.current.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`
    list.current.style.top = `${top}px`
  }

  return (
    <>
      <button ref={button} type="button" class="button icon" aria-label={label} title={label} popovertarget={id}><Icons.More /></button>
      <div
        ref={list} id={id} class="menu" popover="auto"
        onBeforeToggle={event => {
          if (event.newState === 'open') isOpen.value = true
        }}
        onToggle={event => {
          // only now: what has the focus gives it back to the button when the list closes
          isOpen.value = event.newState === 'open'
          if (!isOpen.value) return
          place()
          list.current?.querySelector<HTMLElement>('button:not(:disabled), a')?.focus()
        }}
        onClick={event => {
          if (event.target instanceof Element && event.target.closest('button, a')) list.current?.hidePopover()
        }}
        onKeyDown={event => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
          if (step === 0) return
          event.preventDefault()
          const all = [...(list.current?.querySelectorAll<HTMLElement>('button:not(:disabled), a') ?? [])]
          all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length]?.focus()
        }}
      >
        <ul>{isOpen.value && children()}</ul>
      </div>
    </>
  )
}
