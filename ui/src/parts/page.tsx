import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'

/** The heading of a page; the focus comes here when the reader does. */
export function PageHead({ title, words, children }: { readonly title: string; readonly words?: string; readonly children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · helix`
  }, [title])
  return (
    <header class="page-head">
      <h1 id="page-title" tabIndex={-1}>{title}</h1>
      {words && <p>{words}</p>}
      {children}
    </header>
  )
}
