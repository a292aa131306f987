import { signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { change } from '../api.ts'
import type { Key, Session } from '../answers.ts'
import { useFetched } from '../fetched.ts'
import { signOut } from '../session.ts'
import { Act, perform, readOnly } from '../parts/action.tsx'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { Ago } from '../parts/clock.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ThemeChoice } from '../parts/theme.tsx'

const changed = signal(0)

/** Who may do what: this browser, others, and programs. */
export function Access(): JSX.Element {
  return (
    <div class="pair">
      <Browsers />
      <Keys />
    </div>
  )
}

function Browsers(): JSX.Element {
  const { value, problem, again } = useFetched<{ sessions: readonly Session[] }>('/helix/v1/sessions', [changed.value])
  const link = useSignal<{ url: string; expires: string } | null>(null)
  const end = async (act: () => Promise<unknown>): Promise<void> => {
    await act()
    changed.value++
  }
  return (
    <Card id="browsers" title="Browsers" flush side={<ThemeChoice />}>
      {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
        : !value.value ? <div class="pad"><Loading what="sessions" /></div>
          : (
            <ul class="lines">{value.value.sessions.map(session => (
              <li key={session.id} data-session={session.id}>
                <div class="row">
                  <span class="grow clip" title={session.agent ?? undefined}>{session.current ? <strong>This browser</strong> : session.agent ?? 'A browser'}</span>
                  {session.current
                    ? <Act word="Sign out" class="small" deed={{ key: 'sign-out', doing: 'Signing out', act: signOut, ask: { title: 'Sign this browser out?', words: 'To come back, somebody has to make a new link with `helix dashboard`.', yes: 'Sign out' } }} />
                    : <Act word="End" name={`End the session of ${session.agent ?? 'a browser'}`} class="small" deed={{ key: `session ${session.id}`, doing: 'Ending the session', act: () => end(() => change('DELETE', `/helix/v1/sessions/${encodeURIComponent(session.id)}`)) }} />}
                </div>
                <p class="dim">Used <Ago at={session.seen} />, signed in <Ago at={session.created} />, ends <Ago at={session.expires} /></p>
              </li>
            ))}</ul>
          )}
      <div class="row wrap pad">
        <Act word="Link for another browser" class="small" deed={{ key: 'link', doing: 'Making a link', act: async () => { link.value = await change('POST', '/helix/v1/dashboard/link') } }} />
        <Act word="End all sessions" class="small danger" deed={{ key: 'sessions', doing: 'Ending all sessions', act: () => change('DELETE', '/helix/v1/sessions'), ask: { title: 'End all sessions?', words: 'Every browser is signed out, this one too.', yes: 'End them all', danger: true } }} />
      </div>
      {link.value && <Once title="A link for another browser" words={<>It works once, and ends <Ago at={link.value.expires} />. Whoever has it may do everything that you can do here.</>} secret={here(link.value.url)} onClose={() => { link.value = null }} />}
    </Card>
  )
}

/** helix knows its own address; who looks from another machine knows the one that works there. */
function here(url: string): string {
  const at = url.indexOf('/#/')
  return at < 0 ? url : location.origin + url.slice(at)
}

function Keys(): JSX.Element {
  const { value, problem, again } = useFetched<{ keys: readonly Key[] }>('/helix/v1/keys', [changed.value])
  const name = useSignal('')
  const scope = useSignal('infer')
  const isPrivate = useSignal(false)
  const made = useSignal<{ key: string; name: string } | null>(null)
  const not = readOnly()
  return (
    <Card id="keys" title="Keys of programs" flush>
      {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
        : !value.value ? <div class="pad"><Loading what="keys" /></div>
          : value.value.keys.length === 0 ? <Empty><p>No key was made yet. On this machine programs need none, unless security.require_key is on.</p></Empty>
            : (
              <ul class="lines">{value.value.keys.map(key => (
                <li key={key.name} data-key={key.name}>
                  <div class="row">
                    <strong class="grow clip" title={key.name}>{key.name}</strong>
                    <Act
                      word="Revoke" name={`Revoke ${key.name}`} class="small danger"
                      deed={{
                        key: `key ${key.name}`, doing: `Revoking ${key.name}`,
                        ask: { title: `Revoke ${key.name}?`, words: 'Whoever uses it is refused from this moment on.', yes: 'Revoke it', danger: true },
                        act: async () => {
                          const told = await change('DELETE', `/helix/v1/keys/${encodeURIComponent(key.name)}`)
                          changed.value++
                          return told
                        },
                      }}
                    />
                  </div>
                  <p class="dim"><span class="mono">{key.prefix}…</span> may {key.scopes.join(', ')}{key.private ? '; never asked of a cloud' : ''}; used <Ago at={key.last_used} none="never" />, made <Ago at={key.created} /></p>
                </li>
              ))}</ul>
            )}
      <form
        class="key-form pad"
        onSubmit={event => {
          event.preventDefault()
          if (not || name.value.trim() === '') return
          void perform({
            key: 'new key', doing: 'Making a key',
            act: async () => {
              const told = await change<{ key: string; report: Key }>('POST', '/helix/v1/keys', { name: name.peek().trim(), scopes: [scope.peek()], private: isPrivate.peek() })
              made.value = { key: told.key, name: told.report.name }
              name.value = ''
              changed.value++
            },
          })
        }}
      >
        <div class="field grow"><label for="key-name">Name of a new key</label><input id="key-name" class="input" autocomplete="off" spellcheck={false} maxLength={64} value={name.value} onInput={event => { name.value = event.currentTarget.value }} /></div>
        <div class="field"><label for="key-scope">It may</label><select id="key-scope" class="select" value={scope.value} onChange={event => { scope.value = event.currentTarget.value }}><option value="infer">ask models</option><option value="metrics">read metrics</option><option value="admin">do everything</option></select></div>
        <label class="check"><input type="checkbox" checked={isPrivate.value} onChange={event => { isPrivate.value = event.currentTarget.checked }} />Never a cloud</label>
        <button type="submit" class="button small" aria-disabled={not || name.value.trim() === '' ? 'true' : undefined} title={not ?? undefined}>Make a key</button>
      </form>
      {made.value && <Once title={`The key ${made.value.name}`} words="It is shown only now: helix keeps a digest of it, not the key." secret={made.value.key} onClose={() => { made.value = null }} />}
    </Card>
  )
}

/** What is shown once, to be taken along. */
function Once({ title, words, secret, onClose }: { readonly title: string; readonly words: JSX.Element | string; readonly secret: string; readonly onClose: () => void }): JSX.Element {
  const copied = useSignal('')
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{words}</p>
      <pre class="secret" tabIndex={0} role="region" aria-label={title}>{secret}</pre>
      <p class="hint" role="status">{copied.value}</p>
      <div class="ends">
        <button
          type="button" class="button main"
          onClick={() => {
            const copying = navigator.clipboard?.writeText(secret) ?? Promise.reject(new Error('no clipboard'))
            copying.then(() => { copied.value = 'Copied.' }, () => { copied.value = 'This browser does not let the page copy: select the text and copy it yourself.' })
          }}
        >Copy</button>
        <button type="button" class="button" onClick={onClose}>Close</button>
      </div>
    </Dialog>
  )
}
