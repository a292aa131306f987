/** One thing that a channel is set up with. */
export interface Part {
  /** As helix's API calls it. */
  readonly id: string
  readonly label: string
  readonly hint?: string
  /** It is not shown while it is typed, and never told again. */
  readonly isSecret?: boolean
  readonly choices?: readonly (readonly [value: string, word: string])[]
}

const NAMES: Readonly<Record<string, string>> = { web: 'Web and browsers', command_line: 'Command line and desktop', email: 'E-mail', slack: 'Slack', discord: 'Discord', webhook: 'Signed webhook' }

/** A channel that this page does not know is called as helix calls it. */
export const channelName = (id: string): string => NAMES[id] ?? id

/** What each channel is set up with; those that need nothing are not in it. */
export const PARTS: Readonly<Record<string, readonly Part[]>> = {
  email: [
    { id: 'server', label: 'Server that takes the mail', hint: 'Like smtp.example.org:587.' },
    { id: 'safety', label: 'Encryption', choices: [['', 'what is usual at the port'], ['starttls', 'STARTTLS'], ['tls', 'TLS from the first byte on'], ['none', 'none: a server on this machine']] },
    { id: 'user', label: 'Name to sign in with', hint: 'Empty where the server wants none.' },
    { id: 'secret', label: 'Password', isSecret: true },
    { id: 'from', label: 'From', hint: 'Like helix@example.org.' },
    { id: 'to', label: 'To', hint: 'Mailboxes, with commas between.' },
  ],
  slack: [
    { id: 'secret', label: 'Address of an incoming webhook, or token of a bot', isSecret: true },
    { id: 'place', label: 'Where the bot speaks', hint: 'Like C0123456789. Empty for an incoming webhook.' },
  ],
  discord: [{ id: 'secret', label: 'Address of the webhook', isSecret: true }],
  webhook: [
    { id: 'url', label: 'Address', hint: 'With https, or on this machine itself.' },
    { id: 'secret', label: 'Key that messages are signed with', isSecret: true },
  ],
}

/** What was typed, as it is sent: what is empty is not said, and a secret is as it is. */
export function setupOf(typed: Readonly<Record<string, string>>): Readonly<Record<string, string | readonly string[]>> {
  const said = Object.entries(typed).map(([part, text]) => [part, part === 'secret' ? text : text.trim()] as const).filter(([, text]) => text !== '')
  return Object.fromEntries(said.map(([part, text]) => [part, part === 'to' ? text.split(',').map(each => each.trim()).filter(each => each !== '') : text]))
}
