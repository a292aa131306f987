import { readdirSync, readFileSync } from 'node:fs'

/** What `/proc` says of processes. Everything is asked by an id, and ended by one. */

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended
  }
}

/** Fields of `stat` behind the program's name; none for a process that is gone, or dead and not collected yet. */
function fieldsOf(pid: number): readonly string[] {
  const stat = text(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' || 'ZX'.includes(fields[0]!) ? [] : fields
}

export const lives = (pid: number): boolean => fieldsOf(pid).length > 0

/** Those whose words or surroundings name a folder. */
export const processesOf = (folder: string): readonly number[] => readdirSync('/proc').map(Number)
  .filter(pid => pid > 0 && pid !== process.pid && (text(`/proc/${pid}/cmdline`).includes(folder) || text(`/proc/${pid}/environ`).includes(`HELIX_HOME=${folder}`)) && lives(pid))

/** The engine itself, inside of what shuts it in. */
export function innermost(pid: number): number {
  const child = readdirSync(`/proc/${pid}/task`).flatMap(thread => text(`/proc/${pid}/task/${thread}/children`).split(' ')).map(Number).find(each => each > 0)
  return child === undefined ? pid : innermost(child)
}

/** Bytes of memory in use, `VmRSS`. */
export const residentOf = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(text(`/proc/${pid}/status`))?.[1] ?? 0) * 1024

/** Seconds of a processor that it has used, of which the kernel counts a hundredth. */
export const processorSecondsOf = (pid: number): number => {
  const fields = fieldsOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / 100
}
