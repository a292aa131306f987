import { effect, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Problem, signedIn, token } from './api.ts'
import { OpenedLink } from './deeds.tsx'
import { duration, release, sentence } from './format.ts'
import { askForRest, missing, rest } from './later.ts'
import { link, tryNow } from './live.ts'
import { Announcer, announce } from './parts/announce.tsx'
import { Empty, Trouble } from './parts/card.tsx'
import { now } from './parts/clock.tsx'
import { Confirmation } from './parts/dialog.tsx'
import * as Icons from './parts/icons.tsx'
import { PageHead } from './parts/page.tsx'
import { ThemeChoice } from './parts/theme.tsx'
import { Toasts } from './parts/toast.tsx'
import { Overview } from './panels/overview.tsx'
import { isOneAlert, isPanel, PANELS } from './places.ts'
import { path } from './router.ts'
import { how, signingIn } from './session.ts'
import { needsSomebody } from './alerts.ts'
import { alerts, heard, helix, isTold } from './store.ts'

const PAGES = [['models', 'Models', Icons.Cube], ['routing', 'Routing', Icons.Fork], ['playground', 'Playground', Icons.Speech], ['logs', 'Logs', Icons.Lines], ['history', 'History', Icons.Clock], ['settings', 'Settings', Icons.Sliders]] as const

export function App(): JSX.Element {
  const isOut = signedIn.value === false || link.value.is === 'signed-out'
  return (
    <>
      {signingIn.value !== 'no' || isOut ? <SignIn /> : <Shell />}
      <Confirmation />
      <OpenedLink />
      <Toasts />
      <Announcer />
    </>
  )
}

function SignIn(): JSX.Element {
  useEffect(() => {
    document.title = 'Sign in · helix'
  }, [])
  const problem = signingIn.value instanceof Problem ? signingIn.value : null
  return (
    <main class="bare" id="main" tabIndex={-1}>
      <Icons.Mark />
      {signingIn.value === 'busy'
        ? <h1><span role="status">Signing in</span></h1>
        : (
          <>
            <h1>{problem ? 'This link does not work' : 'Sign in to helix'}</h1>
            {problem && <div class="note tone-bad" role="alert"><Icons.Octagon /><div class="words">{sentence(problem.message)}{problem.remedy && <small>{sentence(problem.remedy)}</small>}</div></div>}
            <p>{how.value.replaceAll('`', '')}</p>
            <pre tabIndex={0} role="region" aria-label="The command"><code>helix dashboard</code></pre>
            {problem && signedIn.value !== false && <p><button type="button" class="button" onClick={() => { signingIn.value = 'no' }}>Go on with the session of before</button></p>}
            <p class="dim">This page goes on by itself once the link was opened in this browser.</p>
          </>
        )}
    </main>
  )
}

function Shell(): JSX.Element {
  const isOpen = useSignal(false)
  const side = useRef<HTMLElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useMoves(() => {
    isOpen.value = false
  })

  function close(): void {
    isOpen.value = false
    button.current?.focus()
  }

  useEffect(() => {
    const wide = matchMedia('(min-width: 901px)')
    const shut = (): void => {
      if (wide.matches) isOpen.value = false
    }
    wide.addEventListener('change', shut)
    return () => wide.removeEventListener('change', shut)
  }, [])

  useSignalEffect(() => {
    if (isOpen.value) side.current?.querySelector<HTMLElement>('.side-close')?.focus()
  })

  return (
    <>
      <a class="skip" href="#main" onClick={event => { event.preventDefault(); document.getElementById('main')?.focus() }}>Skip to the content</a>
      <div class="shell">
        <header class="top">
          <a class="brand" href="#/"><Icons.Mark />helix</a>
          <LinkState />
          <button ref={button} type="button" class="button icon" aria-label="Menu" aria-expanded={isOpen.value} aria-controls="side" onClick={() => { isOpen.value = !isOpen.value }}><Icons.MenuLines /></button>
        </header>
        <aside
          ref={side} id="side" class="side" data-open={isOpen.value} aria-label="Menu"
          onKeyDown={event => { if (event.key === 'Escape' && isOpen.value) close() }}
          onClick={event => { if (event.target instanceof Element && event.target.closest('a')) isOpen.value = false }}
        >
          <a class="brand" href="#/"><Icons.Mark />helix</a>
          <button type="button" class="button icon plain side-close" aria-label="Close the menu" onClick={close}><Icons.Cross /></button>
          <Nav />
          <div class="side-foot">
            <LinkState />
            <ThemeChoice />
            <span title={helix.value?.version}>{helix.value ? `helix ${release(helix.value.version)}` : 'helix'}</span>
          </div>
        </aside>
        {isOpen.value && <div class="side-veil" onClick={close} />}
        <main class="page" id="main" tabIndex={-1} inert={isOpen.value}>
          {token.value === null && isTold.value && <p class="note tone-warn read-only"><Icons.Info /><span class="words">This browser can look and change nothing.<small>{how.value.replaceAll('`', '')}</small></span></p>}
          {isTold.value ? <Page /> : <Waiting />}
        </main>
      </div>
      <Lost />
    </>
  )
}

/** After a step to another page, the focus is on its heading. */
function useMoves(moved: () => void): void {
  const before = useRef<string | null>(null)
  // a step is done when what it leads to is here
  const isThere = isTold.value && (path.value.length === 0 || rest.value !== null || missing.value !== null)
  useEffect(() => {
    if (!isThere) return
    const to = path.value.join('/')
    const from = before.current
    before.current = to
    if (from === to || (from === null && !isPanel(path.value))) return
    moved()
    const heading = document.getElementById(isPanel(path.value) ? `title-${path.value[0]}` : 'page-title')
    // the link in an alert's message leads to that alert; its list shows it once it has it
    if (!isOneAlert(path.value)) heading?.focus({ preventScroll: true })
    if (isPanel(path.value)) heading?.closest('.card')?.scrollIntoView({ block: 'start' })
    else window.scrollTo(0, 0)
  }, [path.value.join('/'), isThere])
}

function Nav(): JSX.Element {
  const here = path.value[0] ?? ''
  const needs = alerts.value.filter(needsSomebody).length
  return (
    <nav class="nav" aria-label="Pages">
      <ul>
        <li><a href="#/" aria-current={here === '' ? 'page' : undefined}><Icons.Grid />Overview</a></li>
        <li class="sub"><ul>{PANELS.map(([id, word]) => (
          <li key={id}><a href={`#/${id}`} aria-current={here === id ? 'page' : undefined}>{word}{id === 'alerts' && needs > 0 && <span class="nav-count">{needs}<span class="sr"> open</span></span>}</a></li>
        ))}</ul></li>
      </ul>
      <ul>{PAGES.map(([id, word, Icon]) => <li key={id}><a href={`#/${id}`} aria-current={here === id ? 'page' : undefined}><Icon />{word}</a></li>)}</ul>
    </nav>
  )
}

function Page(): JSX.Element {
  const [first, second] = path.value
  const here = rest.value
  if (first === undefined || isPanel(path.value)) return <Overview />
  if (here === null) return <Coming title={PAGES.find(([id]) => id === first)?.[1] ?? 'Loading'} />
  if (first === 'providers' && second !== undefined) return <here.ProviderPage key={second} id={second} />
  switch (first) {
    case 'models': return <here.Models />
    case 'routing': return <here.Routing />
    case 'playground': return <here.Playground />
    case 'logs': return <here.Logs />
    case 'history': return <here.History />
    case 'settings': return <here.SettingsPage />
    default: return <><h1 id="page-title" tabIndex={-1}>No such page</h1><Empty icon={Icons.Dash}><p>Nothing is shown at this address.</p><a class="button" href="#/">To the overview</a></Empty></>
  }
}

/** Before the code of a page is here. */
function Coming({ title }: { readonly title: string }): JSX.Element {
  useEffect(askForRest, [])
  return (
    <>
      <PageHead title={title} />
      {missing.value
        ? <Trouble problem={missing.value} again={() => location.reload()} />
        : <div aria-busy="true" data-coming><span class="sr" role="status">Loading</span><div class="skeleton table-skeleton" /></div>}
    </>
  )
}

/** Whether what is shown is of now. */
function LinkState(): JSX.Element {
  const { is } = link.value
  return (
    <span class="link-state" data-link={is}>
      {is === 'live' || is === 'resting' ? <><span class="tone-ok row"><Icons.Disc size={12} /></span>Live</> : is === 'connecting' ? <><Icons.Spinner size={12} />Connecting</> : <><span class="tone-bad row"><Icons.Cross size={12} /></span>Not connected</>}
    </span>
  )
}

/** Before the first word of the server: the shape of what is to come. */
function Waiting(): JSX.Element {
  if (link.value.is === 'lost') {
    return (
      <div class="bare">
        <h1 id="page-title" tabIndex={-1}>helix does not answer</h1>
        <p>{sentence(link.value.why)}. It is tried again and again.</p>
        <p>Look on its machine whether it runs:</p>
        <pre tabIndex={0} role="region" aria-label="The command"><code>helix status</code></pre>
        <p><button type="button" class="button main" onClick={tryNow}>Try now</button></p>
      </div>
    )
  }
  return (
    <div class="stack" aria-busy="true">
      <span class="sr" role="status">Connecting to helix</span>
      <h1 id="page-title" class="sr" tabIndex={-1}>Connecting to helix</h1>
      <div class="skeleton glance-skeleton" />
      <div class="skeleton table-skeleton" />
    </div>
  )
}

/** Over the page, so that nothing moves when it comes and goes; not for a moment of silence. */
function Lost(): JSX.Element | null {
  const lost = link.value
  if (lost.is !== 'lost' || !isTold.value) return null
  // looked at once a second
  const at = now.value > 0 ? Date.now() : 0
  if (at - lost.since < 1500) return null
  const wait = lost.next === null ? 0 : Math.max(0, Math.ceil((lost.next - at) / 1000))
  return (
    <div class="band" role="status">
      <Icons.Triangle />
      <span>Not connected: {lost.why}. What is shown is of {duration(Math.max(0, (at - heard.value) / 1000))} ago. {lost.next === null ? 'Trying now.' : wait > 0 ? `Next try in ${wait} s.` : ''}</span>
      <button type="button" class="button small" onClick={tryNow}>Try now</button>
    </div>
  )
}

let said = ''
effect(() => {
  const { is } = link.value
  if (is === said) return
  if (is === 'lost' && said === 'live') announce('The connection to helix is lost')
  if (is === 'live' && said === 'lost') announce('Connected to helix again')
  said = is
})
