import { effect } from '@preact/signals'
import { render } from 'preact'
import { signedIn, signedInElsewhere } from './api.ts'
import { App } from './app.tsx'
import { askForRest } from './later.ts'
import { path } from './router.ts'
import { begin, signIn, signingIn } from './session.ts'

const root = document.getElementById('app')
if (!root) throw new Error('the page has no place for the dashboard')

// a link may also be opened in a tab that has the dashboard already
effect(() => {
  const [first, link] = path.value
  if (first === 'sign-in' && link) void signIn(link).then(begin)
})

// another tab of this browser has signed in
let seen = signedInElsewhere.peek()
effect(() => {
  if (signedInElsewhere.value === seen) return
  seen = signedInElsewhere.value
  signingIn.value = 'no'
  if (signedIn.peek() !== false) return
  signedIn.value = true
  void begin()
})

// asked first, so that the answer is on its way while the page is drawn
if (signingIn.peek() === 'no') void begin()
// an address that leads somewhere else than to the first look
if (path.peek().length > 0) askForRest()
render(<App />, root)
