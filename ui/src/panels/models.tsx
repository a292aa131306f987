import { signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { change, type Problem } from '../api.ts'
import type { CatalogModel, FoundModels, Library, LibraryModel, Plan, PlannedModel } from '../answers.ts'
import type { ServedModel } from '../contract.ts'
import { useFetched } from '../fetched.ts'
import { bytes, count, NONE, number, percent, plural, sentence, short } from '../format.ts'
import { drop, libraryChanged, pull, type Pull, pulls, stopPull } from '../pulls.ts'
import { models, providerName } from '../store.ts'
import { Act, readOnly } from '../parts/action.tsx'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { Ago } from '../parts/clock.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'
import { Badge, modelLook, type Tone } from '../parts/state.tsx'

const source = signal('')
const name = signal('')

export function Models(): JSX.Element {
  const served = models.value
  const library = useFetched<Library>('/helix/v1/models', [libraryChanged.value, served.length])
  const plan = useFetched<Plan>('/helix/v1/plan', [libraryChanged.value, served.length], path => change<Plan>('POST', path, {}))
  const catalog = useFetched<{ models: readonly CatalogModel[] }>('/helix/v1/models/catalog', [libraryChanged.value, served.length])
  return (
    <>
      <PageHead title="Models" words="What can be asked, what lies in the library, and what would fit on this machine." />
      <div class="stack">
        <Served served={served} />
        <PullCard />
        <LibraryCard fetched={library} plan={plan.value.value} />
        <div class="pair">
          <Catalog fetched={catalog} />
          <Fit fetched={plan} />
        </div>
        <Others />
      </div>
    </>
  )
}

const ORIGINS: Readonly<Record<string, string>> = { own: 'here', attached: 'here, by somebody else’s engine', remote: 'on another machine', cloud: 'in a cloud' }

function Served({ served }: { readonly served: readonly ServedModel[] }): JSX.Element {
  return (
    <Card id="served" title="Can be asked" flush side={<span class="dim">{plural(served.filter(model => model.state === 'ready').length, 'ready model')}</span>}>
      {served.length === 0 ? <Empty icon={Icons.Cube}><p>No model can be asked. Pull one below.</p></Empty> : (
        <table class="grid-table fold" role="table">
          <caption class="sr">Models that a request may name</caption>
          <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Model</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Served by</th><th role="columnheader" scope="col">Can</th><th role="columnheader" scope="col" class="num">Context</th><th role="columnheader" scope="col" class="num">Running</th><th role="columnheader" scope="col" class="num">Waiting</th></tr></thead>
          <tbody role="rowgroup">{served.map(model => (
            <tr role="row" key={model.id} data-model={model.id} data-state={model.state}>
              <th role="rowheader" scope="row" class="whole">{model.id}{model.self_test && <small class="dim"> self-test</small>}</th>
              <td role="cell" class="whole"><Badge look={modelLook(model.state)} />{model.detail && <small class="reason dim">{sentence(model.detail)}</small>}</td>
              <td role="cell" data-label="Served by">{model.providers.map(providerName).join(', ') || NONE}<small class="dim block">{ORIGINS[model.origin] ?? model.origin}</small></td>
              <td role="cell" data-label="Can">{model.abilities.join(', ') || NONE}</td>
              <td role="cell" data-label="Context" class="num">{model.context_tokens > 0 ? count(model.context_tokens) : NONE}</td>
              <td role="cell" data-label="Running" class="num">{count(model.running)}</td>
              <td role="cell" data-label="Waiting" class="num">{count(model.waiting)}</td>
            </tr>
          ))}</tbody>
        </table>
      )}
    </Card>
  )
}

function PullCard(): JSX.Element {
  const wrong = useSignal('')
  const not = readOnly()
  return (
    <Card id="pull" title="Pull a model">
      <div class="stack">
        <form
          class="pull-form"
          onSubmit={event => {
            event.preventDefault()
            if (not) return
            const text = source.value.trim()
            wrong.value = text === '' ? 'Write what to pull.' : pulls.peek().get(text)?.isOver === false ? 'It is being pulled already.' : ''
            if (wrong.peek()) return
            void pull(text, name.value.trim() || null, null)
            source.value = ''
            name.value = ''
          }}
        >
          <div class="field"><label for="pull-source">A name of the catalogue, <code>hf:owner/repo/file</code>, or an address</label><input id="pull-source" class="input" autocomplete="off" spellcheck={false} value={source.value} aria-invalid={wrong.value ? 'true' : undefined} aria-describedby={wrong.value ? 'pull-wrong' : undefined} onInput={event => { source.value = event.currentTarget.value; wrong.value = '' }} />{wrong.value && <span id="pull-wrong" class="wrong" role="alert">{wrong.value}</span>}</div>
          <div class="field"><label for="pull-name">A name of your own, if you like</label><input id="pull-name" class="input" autocomplete="off" spellcheck={false} value={name.value} onInput={event => { name.value = event.currentTarget.value }} /></div>
          <button type="submit" class="button main" aria-disabled={not ? 'true' : undefined} title={not ?? undefined}>Pull</button>
        </form>
        {pulls.value.size > 0 && <ul class="stack tight">{[...pulls.value.values()].map(each => <Pulling key={each.source} pull={each} />)}</ul>}
      </div>
    </Card>
  )
}

const PHASES: Readonly<Record<string, string>> = { resolving: 'Looking it up', downloading: 'Downloading', verifying: 'Comparing checksums', done: 'Done', failed: 'Failed' }

function Pulling({ pull: { source: what, name: wanted, weights, event, problem, isOver } }: { readonly pull: Pull }): JSX.Element {
  if (isOver && problem) {
    return (
      <li class="note tone-bad">
        <Icons.Octagon />
        <span class="words">{what}: {problem.message}{problem.remedy && <small>{problem.remedy}</small>}</span>
        <span class="row"><button type="button" class="button small" onClick={() => void pull(what, wanted, weights)}>Pull again</button><button type="button" class="button small" onClick={() => drop(what)}>Close</button></span>
      </li>
    )
  }
  const total = event?.total_bytes ?? null
  const isMoving = event?.phase === 'downloading' && total !== null && total > 0
  return (
    <li class="pulling" data-pull={what}>
      <div class="row"><strong class="grow clip" title={what}>{what}</strong><button type="button" class="button small" aria-label={`Stop pulling ${what}`} onClick={() => stopPull(what)}>Stop</button></div>
      <progress aria-label={`Progress of ${what}`} max={1} {...(isMoving ? { value: event!.done_bytes / total! } : {})} />
      <p class="dim">{PHASES[event?.phase ?? ''] ?? 'Asking'}{isMoving && ` ${percent(event!.done_bytes / total!, 0)}: ${bytes(event!.done_bytes)} of ${bytes(total)}${event!.bytes_per_second ? `, ${bytes(event!.bytes_per_second)}/s, ${left(event!.done_bytes, total!, event!.bytes_per_second)} left` : ''}`}{event?.detail && ` (${event.detail})`}</p>
    </li>
  )
}

function left(doneBytes: number, total: number, speed: number): string {
  const seconds = (total - doneBytes) / speed
  return seconds < 90 ? `${Math.ceil(seconds)} s` : seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${number(seconds / 3600, 2)} h`
}

interface FetchedOf<T> {
  readonly value: { readonly value: T | null }
  readonly problem: { readonly value: Problem | null }
  readonly again: () => Promise<void>
}

function LibraryCard({ fetched: { value, problem, again }, plan }: { readonly fetched: FetchedOf<Library>; readonly plan: Plan | null }): JSX.Element {
  const library = value.value
  return (
    <Card id="library" title="Library" flush side={library && <span class="dim">{plural(library.models.length, 'model')}, {bytes(library.models.reduce((sum, model) => sum + model.bytes, 0))}</span>}>
      {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
        : !library ? <div class="pad"><Loading what="the library" /></div>
          : library.models.length === 0 ? <Empty icon={Icons.Cube}><p>The library is empty. Pull a model of the catalogue below: helix proposes what fits.</p></Empty> : (
            <table class="grid-table fold" role="table">
              <caption class="sr">Models on this machine's disk</caption>
              <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Model</th><th role="columnheader" scope="col">Fits</th><th role="columnheader" scope="col" class="num">Size</th><th role="columnheader" scope="col">Format</th><th role="columnheader" scope="col" class="num">Parameters</th><th role="columnheader" scope="col" class="num">Context</th><th role="columnheader" scope="col">Came</th><th role="columnheader" scope="col"><span class="sr">What can be done</span></th></tr></thead>
              <tbody role="rowgroup">{library.models.map(model => <InLibrary key={model.id} model={model} planned={plan?.models.find(each => each.id === model.id)} />)}</tbody>
            </table>
          )}
      {(library?.problems ?? []).map(each => <p key={each.file} class="note tone-warn pad-note"><Icons.Triangle /><span class="words">{each.file}: {each.reason}<small>{each.remedy}</small></span></p>)}
    </Card>
  )
}

function InLibrary({ model, planned }: { readonly model: LibraryModel; readonly planned: PlannedModel | undefined }): JSX.Element {
  // what somebody laid into the folder himself is deleted only where he was told which file that is
  const isTheirs = model.source === 'dropped'
  return (
    <tr role="row" data-library={model.id}>
      <th role="rowheader" scope="row" class="whole"><span>{model.id}</span><small class="dim block">{model.architecture}{model.quantization && `, ${model.quantization}`}; {model.source}</small></th>
      <td role="cell" class="whole">{planned ? <><Badge look={fitLook(planned)} /><small class="reason dim">{sentence(planned.reason)}</small></> : <span class="dim">{NONE}</span>}</td>
      <td role="cell" data-label="Size" class="num">{bytes(model.bytes)}</td>
      <td role="cell" data-label="Format">{model.format}</td>
      <td role="cell" data-label="Parameters" class="num">{model.parameters > 0 ? short(model.parameters) : NONE}</td>
      <td role="cell" data-label="Context" class="num">{model.context_tokens > 0 ? count(model.context_tokens) : NONE}</td>
      <td role="cell" data-label="Came"><Ago at={model.added} /></td>
      <td role="cell" class="whole">
        <Act
          word="Remove" name={`Remove ${model.id}`} class="small danger"
          deed={{
            key: `model ${model.id}`, doing: `Removing ${model.id}`,
            ask: { title: `Remove ${model.id}?`, words: isTheirs ? `You put it there yourself: ${model.path}, ${bytes(model.bytes)}. It is deleted from this machine, and helix does not know where it came from.` : `Its file, ${bytes(model.bytes)}, is deleted from this machine. To have it again it has to be fetched again.`, yes: 'Remove it', danger: true },
            act: async () => {
              const told = await change('DELETE', `/helix/v1/models/${encodeURIComponent(model.id)}${isTheirs ? '?force=true' : ''}`)
              libraryChanged.value++
              return told
            },
          }}
        />
      </td>
    </tr>
  )
}

function fitLook({ placement }: PlannedModel): { word: string; tone: Tone; icon: (props: { size?: number }) => JSX.Element } {
  switch (placement) {
    case 'run': return { word: 'Runs', tone: 'ok', icon: Icons.Disc }
    case 'rest': return { word: 'Fits, rests', tone: 'idle', icon: Icons.Ring }
    case 'impossible': return { word: 'Does not fit', tone: 'warn', icon: Icons.Triangle }
    case 'other': return { word: 'No engine for it', tone: 'warn', icon: Icons.Dash }
    default: return { word: placement, tone: 'idle', icon: Icons.Diamond }
  }
}

function Catalog({ fetched: { value, problem, again } }: { readonly fetched: FetchedOf<{ models: readonly CatalogModel[] }> }): JSX.Element {
  const not = readOnly()
  return (
    <Card id="catalog" title="Catalogue" flush>
      {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
        : !value.value ? <div class="pad"><Loading what="the catalogue" rows={5} /></div>
          : (
            <ul class="lines">{value.value.models.map(model => (
              <li key={model.id} data-catalog={model.id}>
                <div class="row">
                  <h3 class="grow">{model.id}</h3>
                  {model.in_library ? <Badge look={{ word: 'In the library', tone: 'ok', icon: Icons.Tick }} />
                    : <button type="button" class="button small" aria-label={`Pull ${model.id}`} aria-disabled={not || pulls.value.get(model.id)?.isOver === false ? 'true' : undefined} title={not ?? undefined} onClick={() => { if (!not) void pull(model.id, null, null) }}>Pull</button>}
                </div>
                <p class="dim">{model.role === 'chat' ? 'Chat' : model.role === 'embedding' ? 'Embeddings' : model.role}, {number(model.billions)} billion parameters, {bytes(model.bytes)} to fetch, {model.license}</p>
                <p><Badge look={model.fits ? { word: 'Fits', tone: 'ok', icon: Icons.Tick } : { word: 'Too large here', tone: 'warn', icon: Icons.Triangle }} /> <small class="dim">needs {bytes(model.need_bytes)}; {model.why}</small></p>
              </li>
            ))}</ul>
          )}
    </Card>
  )
}

function Fit({ fetched: { value, problem, again } }: { readonly fetched: FetchedOf<Plan> }): JSX.Element {
  const plan = value.value
  return (
    <Card id="fit" title="This machine">
      {problem.value ? <Trouble problem={problem.value} again={() => void again()} />
        : !plan ? <Loading what="the plan" />
          : (
            <div class="stack tight">
              <p>{plan.machine}</p>
              <dl class="facts"><div><dt>Memory for models</dt><dd>{bytes(plan.model_memory_bytes)}</dd></div><div><dt>Threads for each engine</dt><dd>{count(plan.threads)}</dd></div></dl>
              <p>{sentence(plan.choice)}</p>
              {plan.note && <p class="note"><Icons.Info /><span class="words">{sentence(plan.note)}</span></p>}
            </div>
          )}
    </Card>
  )
}

/** What other programs have on this machine: looked for only when somebody asks, for it reads a good part of the disk. */
function Others(): JSX.Element {
  const found = useSignal<FoundModels | null>(null)
  return (
    <Card
      id="others" title="Models of other programs" flush={found.value !== null}
      side={<Act word="Look for them" class="small" deed={{ key: 'find', doing: 'Looking through the disk', act: async () => { found.value = await change<FoundModels>('POST', '/helix/v1/models/find') } }} />}
    >
      {found.value === null ? <p class="dim">Ollama, LM Studio and others may have models on this machine already. helix can use them without fetching them again.</p>
        : found.value.models.length === 0 ? <Empty icon={Icons.Cube}><p>No other program has a model here that helix could use.</p></Empty>
          : (
            <ul class="lines">{found.value.models.map(model => (
              <li key={model.name}>
                <div class="row">
                  <h3 class="grow">{model.name}</h3>
                  {model.library_id ? <Badge look={{ word: `Is ${model.library_id}`, tone: 'ok', icon: Icons.Tick }} /> : (
                    <Act word="Import" name={`Import ${model.name}`} class="small" deed={{
                      key: `import ${model.name}`, doing: `Importing ${model.name}`,
                      act: async () => {
                        const { id } = await change<LibraryModel>('POST', '/helix/v1/models/import', { name: model.name })
                        libraryChanged.value++
                        found.value = found.peek() && { ...found.peek()!, models: found.peek()!.models.map(each => (each.name === model.name ? { ...each, library_id: id } : each)) }
                        return `${id} is in the library`
                      },
                    }} />
                  )}
                </div>
                <p class="dim">{model.program}, {model.format}, {bytes(model.bytes)}; {model.path}</p>
              </li>
            ))}</ul>
          )}
      {found.value?.left_out.map(each => <p key={each.path} class="note pad-note"><Icons.Info /><span class="words">{each.name}: {each.reason}<small>{each.path}</small></span></p>)}
    </Card>
  )
}

