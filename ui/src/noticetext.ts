/** A message of the web's channel, as it is on the wire. */
export interface Told {
  readonly key: string
  readonly at: string
  readonly severity: string
  readonly title: string
  readonly text: string
  /** Numbers of those that it names. */
  readonly alerts: readonly number[]
}

const MOST = 400

/** What a notice says below the message's title: of one alert all that the title leaves out, of several a line each. */
export function wordsOf({ text, alerts }: Pick<Told, 'text' | 'alerts'>): string {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const words = alerts.length > 1 ? lines.filter(line => !line.startsWith(' ')) : lines.slice(1).map(line => line.trim()).filter(line => !/^alert \d+: /.test(line))
  const all = words.join('\n')
  return all.length > MOST ? `${all.slice(0, MOST - 1)}…` : all
}
