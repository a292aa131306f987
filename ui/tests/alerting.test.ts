import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBrowser } from './visit.ts'

inBrowser('where alerts are told, and by which rules', visit => {
  const last = (): { what: string; body: unknown } => {
    const { what, body } = visit.standin.asked.at(-1)!
    return { what, body }
  }

  test('each channel says how it goes with it, and is tried', async () => {
    await visit.signedIn('#/settings')
    const channel = (id: string): ReturnType<typeof visit.page.locator> => visit.page.locator(`[data-channel="${id}"]`)
    assert.match(await channel('web').innerText(), /On[\s\S]*told of info and worse, 60 messages in an hour at most; last/)
    assert.match(await channel('slack').innerText(), /Fails[\s\S]*2 waiting; 1 given up[\s\S]*It answered 500/)
    assert.match(await channel('email').innerText(), /Not set up/)
    assert.equal(await channel('email').getByRole('button', { name: /test message|^Remove/ }).count(), 0)
    assert.equal(await channel('web').getByRole('button', { name: /^Set up|^Remove/ }).count(), 0)
    await visit.page.getByRole('button', { name: 'Send a test message: Web and browsers' }).click()
    await visit.page.getByText('Web took the test message').waitFor()
    assert.deepEqual(last(), { what: 'POST /helix/v1/alerts/test/web', body: null })
    await visit.page.getByRole('button', { name: 'Send a test message: Slack' }).click()
    await visit.page.locator('.toasts .tone-bad').getByText('Slack refused the test message: no_service').waitFor()
  })

  test('a channel is set up, with what it needs and its secret not shown, and removed when that was confirmed', async () => {
    await visit.signedIn('#/settings')
    await visit.page.getByRole('button', { name: 'Set up: E-mail' }).click()
    const dialog = visit.page.getByRole('dialog')
    assert.deepEqual(await visit.violations(), [])
    await dialog.getByLabel('Server that takes the mail').fill('smtp.example.org')
    await dialog.getByLabel('Encryption').selectOption('tls')
    await dialog.getByLabel('Name to sign in with').fill('helix')
    const secret = dialog.getByLabel('Password', { exact: true })
    assert.equal(await secret.getAttribute('type'), 'password')
    await secret.fill('hunter 2 ')
    await dialog.getByLabel('From', { exact: true }).fill('helix@example.org')
    visit.standin.refusals.set('PUT /helix/v1/alerts/channels/email', { status: 400, body: { error: { code: 'invalid', message: 'mail goes to at least one mailbox', remedy: 'Write them like ann@example.org.' } } })
    await dialog.getByRole('button', { name: 'Set it up' }).click()
    await dialog.getByRole('alert').getByText('mail goes to at least one mailbox').waitFor()
    visit.standin.refusals.clear()
    const to = dialog.getByLabel('To', { exact: true })
    await to.fill('ann@example.org, bob@example.org')
    await to.press('Enter')
    await visit.page.getByText('Email is set up').waitFor()
    await dialog.waitFor({ state: 'detached' })
    assert.deepEqual(last(), { what: 'PUT /helix/v1/alerts/channels/email', body: { server: 'smtp.example.org', safety: 'tls', user: 'helix', secret: 'hunter 2 ', from: 'helix@example.org', to: ['ann@example.org', 'bob@example.org'] } })
    await visit.page.getByRole('button', { name: 'Remove: Slack' }).click()
    await visit.page.getByRole('button', { name: 'Remove it' }).click()
    await visit.page.getByText('Slack is told nothing more').waitFor()
    assert.equal(last().what, 'DELETE /helix/v1/alerts/channels/slack')
  })

  test('rules are shown, and one’s own are edited: what is wrong is said beside them, and nothing typed is lost', async () => {
    await visit.signedIn('#/settings')
    assert.match(await visit.page.locator('[data-rule="slow-first-token"]').innerText(), /Off[\s\S]*first_token_p95 above 7\.5 s, until 5[\s\S]*Performance; when it lasts for 5\smin; see what could be faster/)
    await visit.page.locator('#panel-rules').getByText('Your file is not taken; the rules before it hold.').waitFor()
    await visit.page.getByRole('button', { name: 'Edit your own rules' }).click()
    const text = visit.page.getByRole('dialog').getByRole('textbox')
    assert.equal(await text.inputValue(), '# mine\n')
    assert.deepEqual(await visit.violations(), [])
    await text.fill('rules:\n  - nome: x\n')
    visit.standin.refusals.set('PUT /helix/v1/alerts/rules', { status: 400, body: { error: { code: 'invalid', message: 'line 2: "nome" is no key of a rule', remedy: 'The rules before hold.' } } })
    await visit.page.getByRole('button', { name: 'Save', exact: true }).click()
    await visit.page.getByRole('dialog').getByText('line 2: "nome" is no key of a rule').waitFor()
    assert.equal(await text.getAttribute('aria-invalid'), 'true')
    await visit.page.keyboard.press('Escape')
    await visit.page.getByRole('button', { name: 'Edit your own rules' }).click()
    assert.equal(await text.inputValue(), 'rules:\n  - nome: x\n')
    visit.standin.refusals.clear()
    await text.fill('rules:\n  - name: slow-first-token\n    on: true\n')
    await visit.page.getByRole('button', { name: 'Save', exact: true }).click()
    await visit.page.getByText('3 rules of alerts hold now').waitFor()
    assert.deepEqual(last(), { what: 'PUT /helix/v1/alerts/rules', body: { text: 'rules:\n  - name: slow-first-token\n    on: true\n' } })
    assert.deepEqual(visit.complaints, [])
  })
})
