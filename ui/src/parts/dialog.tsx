import { signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface Question {
  readonly title: string
  /** What will happen, and to whom. */
  readonly words: string
  /** On the button that does it. */
  readonly yes: string
  readonly danger?: boolean
}

const asked = signal<(Question & { readonly answer: (yes: boolean) => void }) | null>(null)

/** Asks before something is done; false too where somebody closes the question. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise(resolve => {
    asked.value = {
      ...question,
      answer: yes => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}

export function Confirmation(): JSX.Element | null {
  const question = asked.value
  if (!question) return null
  return (
    <Dialog title={question.title} onClose={() => question.answer(false)}>
      <p>{question.words}</p>
      <div class="ends">
        <button type="button" class="button" onClick={() => question.answer(false)}>Cancel</button>
        <button type="button" class={`button ${question.danger ? 'danger' : 'main'}`} onClick={() => question.answer(true)}>{question.yes}</button>
      </div>
    </Dialog>
  )
}

/** Takes the focus, and gives it back to what had it. Escape closes it. */
export function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    element.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog ref={element} aria-labelledby="dialog-title" onClose={onClose} onClick={event => event.target === element.current && onClose()}>
      <div class="inner">
        <h2 id="dialog-title">{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
