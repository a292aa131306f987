import { computed, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Instance, MachineMinute, Provider } from '../contract.ts'
import { bytes, NONE, number, percent } from '../format.ts'
import { href } from '../router.ts'
import { measuredLines } from '../series.ts'
import { figures, instances, machine, machineMinutes, providers, samples } from '../store.ts'
import { Card, Empty } from '../parts/card.tsx'
import { Chart, type Series } from '../parts/chart.tsx'
import { Choice } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'

type What = 'cpu' | 'memory' | 'gpu' | 'disk'
const what = signal<What>('cpu')

/** Fewer minutes than these say less than what was seen since this page was opened. */
const ENOUGH = 3

/** Two of the same kind have the same name. */
const gpuName = (at: number): string => {
  const gpus = machine.value.gpus?.gpus ?? []
  const name = gpus[at]?.name ?? `Graphics card ${at + 1}`
  return gpus.filter(each => each.name === name).length > 1 ? `${at + 1}: ${name}` : name
}

type Line = readonly [name: string, of: (minute: MachineMinute) => number | null | undefined]

const linesOf = (shown: What): readonly Line[] => {
  switch (shown) {
    case 'cpu': return [['Processor', minute => minute.cpu]]
    case 'memory': return [['In use', minute => minute.memory_bytes], ['By engines', minute => minute.engines_bytes]]
    case 'disk': return [['Free', minute => minute.disk_free_bytes]]
    case 'gpu': return Array.from({ length: Math.max(0, ...Object.values(machineMinutes.value).map(minute => minute.gpus?.length ?? 0)) }, (_, at) => [gpuName(at), (minute: MachineMinute) => minute.gpus?.[at]?.busy] as const)
  }
}

const drawn = computed<{ readonly times: readonly number[]; readonly series: readonly Series[] }>(() => {
  const shown = what.value
  const isSampled = shown === 'cpu' || shown === 'memory'
  if (!isSampled || Object.keys(machineMinutes.value).length >= ENOUGH) {
    const { times, lines } = measuredLines(machineMinutes.value, linesOf(shown))
    return { times, series: lines }
  }
  return { times: samples.value.map(sample => sample.at), series: [{ name: shown === 'memory' ? 'Memory in use' : 'Processor', values: samples.value.map(sample => (shown === 'memory' ? sample.memory : sample.cpu)) }] }
})

const TITLES: Readonly<Record<What, string>> = { cpu: 'Processor', memory: 'Memory', gpu: 'Graphics cards, busy', disk: 'Disk, free' }

const NOTHING: Readonly<Record<What, string>> = { cpu: 'It is drawn from when this page is opened.', memory: 'It is drawn from when this page is opened.', gpu: 'Graphics cards are asked while an engine runs.', disk: 'It is drawn from when helix is started.' }

export function Resources(): JSX.Element {
  const hasGpus = (machine.value.gpus?.gpus.length ?? 0) > 0
  const options: readonly (readonly [What, string])[] = [['cpu', 'Processor'], ['memory', 'Memory'], ...(hasGpus ? [['gpu', 'Graphics'] as const] : []), ['disk', 'Disk']]
  return (
    <Card id="resources" title="Resources" class="fixed-chart" side={<Choice<What> label="What is drawn" value={what.value} options={options} onChange={value => { what.value = value }} />}>
      <div class="stack tight">
        <Chart title={TITLES[what.value]} height={150} times={drawn.value.times} series={drawn.value.series} format={what.value === 'cpu' || what.value === 'gpu' ? share : bytes} none={NOTHING[what.value]} />
        <Meters />
        <ByEngine />
      </div>
    </Card>
  )
}

const share = (value: number | null | undefined): string => percent(value, 0)

interface MeterProps {
  readonly name: string
  readonly words: string
  /** From 0 to 1; null where nobody knows. */
  readonly part: number | null
  /** Behind it, lighter. */
  readonly also?: number | null
  readonly warn?: boolean
}

function Meter({ name, words, part, also, warn }: MeterProps): JSX.Element {
  const within = (value: number): string => `${Math.max(0, Math.min(1, value)) * 100}%`
  return (
    <div class="meter">
      <div class="row"><span class="label">{name}</span><span class="push">{warn && <Icons.Triangle size={13} />} {words}</span></div>
      <div class={`bar ${warn ? 'hue-2' : ''}`} role="meter" aria-label={name} aria-valuemin={0} aria-valuemax={100} aria-valuenow={part === null ? 0 : Math.round(part * 100)} aria-valuetext={words}>
        {also != null && <span class="light" style={{ width: within(also) }} />}
        {part !== null && <span style={{ width: within(part) }} />}
      </div>
    </div>
  )
}

function Meters(): JSX.Element {
  const { cpu, memory, ledger, disk, gpus, daemon } = machine.value
  const used = memory && memory.available_bytes !== null ? memory.total_bytes - memory.available_bytes : null
  const full = disk && disk.total_bytes !== null && disk.free_bytes !== null ? disk.total_bytes - disk.free_bytes : null
  return (
    <div class="meters">
      <Meter name="Processor" part={cpu?.busy ?? null} words={cpu ? `${percent(cpu.busy, 0)} of ${cpu.cores} cores` : NONE} />
      <Meter name="Memory" part={memory && used !== null ? used / memory.total_bytes : null} words={memory ? `${bytes(used)} of ${bytes(memory.total_bytes)}` : NONE} />
      <Meter
        name="Promised to engines" part={ledger && ledger.budget_bytes > 0 ? ledger.measured_bytes / ledger.budget_bytes : null} also={ledger && ledger.budget_bytes > 0 ? ledger.reserved_bytes / ledger.budget_bytes : null}
        words={ledger ? `${bytes(ledger.measured_bytes)} seen, ${bytes(ledger.reserved_bytes)} promised, of ${bytes(ledger.budget_bytes)}` : NONE}
      />
      <Meter name="Disk" part={disk && disk.total_bytes && full !== null ? full / disk.total_bytes : null} warn={disk?.low ?? false} words={disk ? `${bytes(disk.free_bytes)} free of ${bytes(disk.total_bytes)}${disk.low ? ', low' : ''}` : NONE} />
      {(gpus?.gpus ?? []).map((gpu, at) => (
        <Meter
          key={at} name={gpu.name} part={gpu.used_bytes !== null && gpu.memory_bytes ? gpu.used_bytes / gpu.memory_bytes : gpu.busy}
          words={[gpu.busy === null ? null : `${percent(gpu.busy, 0)} busy`, gpu.memory_bytes === null ? null : `${bytes(gpu.used_bytes)} of ${bytes(gpu.memory_bytes)}`, gpu.celsius === null ? null : `${number(gpu.celsius)} °C`, gpu.watts === null ? null : `${number(gpu.watts)} W`].filter(word => word !== null).join(', ') || NONE}
        />
      ))}
      {gpus && gpus.gpus.length === 0 && <div class="meter"><div class="row"><span class="label">Graphics card</span><span class="push dim">none that engines use</span></div></div>}
      <div class="meter"><div class="row"><span class="label">helix itself</span><span class="push">{daemon ? `${bytes(daemon.memory_bytes)}, ${number(daemon.cpu)} cores` : NONE}</span></div></div>
    </div>
  )
}

/** Of the GPUs' memory all processes of a provider were promised so much; null where they were promised none. */
const gpuBytes = (own: readonly Instance[]): number | null => own.reduce((sum, each) => sum + (each.reserved_gpu_bytes ?? 0), 0) || null

function ByEngine(): JSX.Element {
  const hasGpus = (machine.value.gpus?.gpus.length ?? 0) > 0
  const takes = ({ id }: Provider): boolean => figures.value[id]?.memory_bytes != null || figures.value[id]?.cpu != null
  // those that run first; what only lies on the disk takes that
  const rows = providers.value.filter(provider => takes(provider) || provider.disk_bytes).sort((a, b) => Number(takes(b)) - Number(takes(a)) || a.order - b.order)
  return (
    <div class="scroll list-box" tabIndex={0} role="region" aria-label="Resources by engine, table">
      {rows.length === 0 ? <Empty><p>No engine of helix has a process at this moment, and none is installed beside the built-in one.</p></Empty> : (
        <table class="grid-table tight-table">
          <caption class="sr">What each engine takes</caption>
          <thead><tr><th scope="col">Engine</th><th scope="col" class="num">Cores in use</th><th scope="col" class="num">Memory</th><th scope="col" class="num">Promised</th>{hasGpus && <th scope="col" class="num">of GPUs</th>}<th scope="col" class="num">On disk</th></tr></thead>
          <tbody>{rows.map(provider => {
            const own = instances.value.filter(each => each.provider === provider.id && each.pid !== null)
            return (
              <tr key={provider.id} data-engine={provider.id}><th scope="row"><a href={href(['providers', provider.id])}>{provider.name}</a></th><td class="num">{number(figures.value[provider.id]?.cpu)}</td><td class="num">{bytes(figures.value[provider.id]?.memory_bytes)}</td><td class="num">{own.length === 0 ? NONE : bytes(own.reduce((sum, each) => sum + each.reserved_bytes, 0))}</td>{hasGpus && <td class="num">{bytes(gpuBytes(own))}</td>}<td class="num">{bytes(provider.disk_bytes)}</td></tr>
            )
          })}</tbody>
        </table>
      )}
    </div>
  )
}
