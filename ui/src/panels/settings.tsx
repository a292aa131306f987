import { signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { change, Problem } from '../api.ts'
import type { Setting, Settings } from '../answers.ts'
import { useFetched } from '../fetched.ts'
import { plural, sentence } from '../format.ts'
import { refusal } from '../settingtext.ts'
import { readOnly } from '../parts/action.tsx'
import { announce } from '../parts/announce.tsx'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { PageHead } from '../parts/page.tsx'
import { done } from '../parts/toast.tsx'
import { Access } from './access.tsx'
import { Channels } from './channels.tsx'
import { Rules } from './rules.tsx'

const search = signal('')

/** Grows when a setting was changed here. */
const changed = signal(0)

export function SettingsPage(): JSX.Element {
  const { value, problem, again } = useFetched<Settings>('/helix/v1/settings', [changed.value])
  const settings = value.value
  const wanted = search.value.toLowerCase().trim()
  const found = (settings?.settings ?? []).filter(each => wanted === '' || each.path.toLowerCase().includes(wanted) || each.meaning.toLowerCase().includes(wanted))
  const sections = [...new Set(found.map(each => each.section))]
  return (
    <>
      <PageHead title="Settings" words="Every key of the configuration. What is changed here is written into the file, with its comments kept." />
      <div class="stack">
        <Access />
        <div class="pair">
          <Channels />
          <Rules />
        </div>
        {problem.value ? <Trouble problem={problem.value} again={() => void again()} />
          : !settings ? <Loading what="the settings" rows={8} />
            : (
              <>
                <div class="row wrap spread">
                  <div class="field search-field"><label for="setting-search">Search in settings</label><input id="setting-search" class="input" type="search" autocomplete="off" spellcheck={false} value={search.value} onInput={event => { search.value = event.currentTarget.value }} /></div>
                  <p class="dim" role="status">{plural(found.length, 'setting')}, of {settings.settings.length}. <span class="mono">{settings.file}</span></p>
                </div>
                {settings.problems.map(each => <div key={each} class="note tone-bad" role="alert"><span class="words">{each}</span></div>)}
                {sections.length === 0 && <Empty><p>No setting has this in its name or its meaning.</p></Empty>}
                {sections.map(section => (
                  <Card key={section} id={`settings-${section}`} title={section} flush>
                    <ul class="lines">{found.filter(each => each.section === section).map(each => <One key={each.path} setting={each} />)}</ul>
                  </Card>
                ))}
              </>
            )}
      </div>
    </>
  )
}

const EFFECTS: Readonly<Record<string, string>> = { now: 'Followed at once.', next_start: 'Read when helix or the engine starts next.', not_yet: 'Kept; nothing follows it in this version.' }

function One({ setting }: { readonly setting: Setting }): JSX.Element {
  const typed = useSignal<string | null>(null)
  const wrong = useSignal<string | null>(null)
  const busy = useSignal(false)
  const not = readOnly()
  const value = typed.value ?? setting.value
  const isChanged = typed.value !== null && typed.value !== setting.value
  const id = `setting-${setting.path}`

  async function save(text: string | null): Promise<void> {
    if (busy.peek() || not) return
    // nothing in the place of what is left to helix leaves it to helix: an empty list would be another thing
    const wanted = text?.trim() === '' && setting.default === '' ? null : text
    const refused = wanted === null ? null : refusal(setting, wanted)
    if (refused) {
      wrong.value = refused
      return
    }
    busy.value = true
    wrong.value = null
    try {
      const path = `/helix/v1/settings/${encodeURIComponent(setting.path)}`
      const { note } = wanted === null ? await change<{ note: string | null }>('DELETE', path) : await change<{ note: string | null }>('PUT', path, { value: wanted })
      typed.value = null
      changed.value++
      done(`${setting.path} is ${text === null ? 'back to its default' : wanted === null ? 'left to helix' : wanted}${note ? `; ${note}` : ''}`)
    } catch (error) {
      const problem = Problem.of(error)
      wrong.value = `${sentence(problem.message)}${problem.remedy ? `. ${problem.remedy}` : ''}`
      announce(wrong.peek()!)
    } finally {
      busy.value = false
    }
  }

  const described = [`${id}-meaning`, wrong.value ? `${id}-wrong` : ''].filter(Boolean).join(' ')
  const input = { id, disabled: not !== null || busy.value, 'aria-describedby': described, 'aria-invalid': wrong.value ? ('true' as const) : undefined }
  const type = (text: string): void => {
    typed.value = text
    wrong.value = null
  }
  return (
    <li class="setting" data-setting={setting.path}>
      <div class="setting-words">
        <label for={id} class="mono strong">{setting.path}</label>
        <p id={`${id}-meaning`}>{setting.meaning}</p>
        <p class="hint">{sentence(setting.allowed)}. {setting.default === '' ? 'Left to helix unless it is set' : <>Default <span class="mono">{setting.default}</span></>}. {EFFECTS[setting.effect] ?? ''}</p>
      </div>
      <form
        class="setting-form"
        onSubmit={event => {
          event.preventDefault()
          if (isChanged) void save(value)
        }}
      >
        {setting.kind === 'toggle'
          ? <span class="switch"><input {...input} type="checkbox" role="switch" checked={value === 'true'} onChange={event => {
            const wanted = String(event.currentTarget.checked)
            event.currentTarget.checked = setting.value === 'true'
            void save(wanted)
          }} /><span class="on-off" aria-hidden="true">{value === 'true' ? 'On' : 'Off'}</span></span>
          : setting.kind === 'choice'
            ? <select {...input} class="select" value={value} onChange={event => type(event.currentTarget.value)}>{[...(setting.choices ?? []), ...((setting.choices ?? []).includes(value) ? [] : [value])].map(choice => <option key={choice} value={choice}>{choice === '' ? 'left to helix' : choice}</option>)}</select>
            : setting.kind === 'whole' || setting.kind === 'amount'
              ? <input {...input} class="input" type="text" inputMode={setting.kind === 'whole' ? 'numeric' : 'decimal'} autocomplete="off" value={value} onInput={event => type(event.currentTarget.value)} />
              : setting.kind === 'list' || setting.kind === 'numbers' || setting.kind === 'texts'
                ? <textarea {...input} class="area" rows={2} spellcheck={false} value={value} onInput={event => type(event.currentTarget.value)} />
                : <input {...input} class="input" type="text" autocomplete="off" spellcheck={false} value={value} onInput={event => type(event.currentTarget.value)} />}
        {setting.unit && setting.kind !== 'toggle' && <span class="hint">{setting.unit}</span>}
        <div class="row wrap">
          {isChanged && <><button type="submit" class="button small main" aria-label={`Save ${setting.path}`}>Save</button><button type="button" class="button small" aria-label={`Do not change ${setting.path}`} onClick={() => { typed.value = null; wrong.value = null }}>Cancel</button></>}
          {!isChanged && setting.source === 'file' && <><span class="hint">set in the file</span><button type="button" class="button small" aria-label={`Back to default: ${setting.path}`} aria-disabled={not ? 'true' : undefined} onClick={() => void save(null)}>Back to default</button></>}
        </div>
        {wrong.value && <span id={`${id}-wrong`} class="wrong" role="alert">{wrong.value}</span>}
      </form>
    </li>
  )
}
