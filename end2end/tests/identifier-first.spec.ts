// Sign-in in two steps: first the address, then what that account signs in with.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { addField, button, change, expect, field, fill, flow, message, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'identifier-first code passkey oidc' })

/** Goes through the first step. */
async function giveAddress(page: Page, say: Say, identifier: string) {
  await fill(page, { identifier })
  await press(page, say('next'))
  await expect(page.getByLabel(say('account'))).toHaveValue(identifier)
}

test('the address, then the password', async ({ page, say, answer }) => {
  const person = await member()
  await page.goto('/login?return_to=/sessions')
  await expect(page).toShow(say, 'login')
  await expect(field(page, 'identifier')).toBeFocused()
  await expect(field(page, 'identifier')).toHaveAttribute('autocomplete', 'username webauthn')
  await expect(page.getByTestId('node/input/password')).toHaveCount(0)
  await expect(button(page, 'provider', 'example')).toBeVisible()

  await fill(page, { identifier: ` ${person.email}　` })
  expect((await press(page, say('next'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'login')
  await expect(page.getByLabel(say('account'))).toHaveValue(person.email)
  await expect(field(page, 'password')).toBeFocused()
  await fill(page, { password: 'not this one' })
  expect((await press(page, say('login'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
  await expect(page.getByLabel(say('account'))).toHaveValue(person.email)
  await fill(page, { password: person.password })
  expect((await press(page, say('login'))).status()).toBe(answer.left)

  await expect(page).toHaveURL('/sessions')
})

test('the address, then a code', async ({ page, say, answer }) => {
  const { email } = await member()
  await page.goto('/login?return_to=/sessions')
  await giveAddress(page, say, email)

  expect((await press(page, say('kratos-1010015'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(message(page, 1010014).locator('bdi')).toHaveText(email)
  await fill(page, { code: await new Mailbox(email).code() })
  await press(page, say('login-code-submit'))

  await expect(page).toHaveURL('/sessions')
})

test('an empty address is asked for, and an unknown address is reported', async ({ page, say, answer }) => {
  const person = await member()
  await page.goto('/login?return_to=/sessions')

  expect((await press(page, say('next'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000002)).toBeVisible()
  await expect(field(page, 'identifier')).toHaveAttribute('aria-invalid', 'true')
  const unknown = stranger().email
  await fill(page, { identifier: unknown })
  expect((await press(page, say('next'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000037)).toContainText(say('kratos-4000037'))
  await expect(field(page, 'identifier')).toHaveValue(unknown)
  // Kratos takes the other ways away here; a new start brings them back.
  await page.getByRole('link', { name: say('start-over') }).click()
  await expect(button(page, 'provider', 'example')).toBeVisible()
  await giveAddress(page, say, person.email)
  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('another address can be typed after an unknown one', async ({ page, say }) => {
  const person = await member()
  await page.goto('/login')
  await fill(page, { identifier: stranger().email })
  await press(page, say('next'))
  await expect(page).toShow(say, 'login', { failed: true })

  await giveAddress(page, say, person.email)
  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('the second step leads back to the address, and keeps where to go', async ({ page, say }) => {
  const [wrong, right] = [await member(), await member()]
  await page.goto('/login?return_to=/sessions')
  await giveAddress(page, say, wrong.email)
  const id = flow(page)

  await page.getByRole('link', { name: say('login-other-account') }).click()
  await expect(page).toHaveURL(url => url.searchParams.get('flow') !== id)
  await expect(page).toShow(say, 'login')
  await giveAddress(page, say, right.email)
  await fill(page, { password: right.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
  await expect(page.getByRole('main')).toContainText(right.email)
})

test('a passkey is offered where a script can ask for it, and another account can be asked at both steps', async ({ page, say, hasScript }) => {
  const { email } = await member()
  await page.goto('/login')
  const passkey = page.getByTestId('node/input/passkey_login_trigger')

  await expect(passkey).toBeVisible({ visible: hasScript })
  await giveAddress(page, say, email)
  await expect(passkey).toBeVisible({ visible: hasScript })
  await expect(field(page, 'password')).toBeVisible()
  await expect(page.getByRole('button', { name: say('kratos-1010015') })).toBeVisible()
})

test('a changed hidden address signs in only to the account of the password', async ({ page, say, answer }) => {
  const [person, victim] = [await member(), await member()]
  await page.goto('/login')
  await giveAddress(page, say, person.email)

  await change(page, say('login'), 'identifier', victim.email)
  await addField(page, say('login'), 'provider', 'nobody')
  await addField(page, say('login'), 'code', '000000')
  await fill(page, { password: `${person.password}!` })
  expect((await press(page, say('login'))).status()).toBe(answer.failed)

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
  expect(path(page)).toBe('/login')
})

test('two tabs of one sign-in each go on', async ({ page, context, say }) => {
  const person = await member()
  await page.goto('/login')
  const other = await context.newPage()
  await other.goto(page.url())
  await giveAddress(other, say, person.email)

  // The first tab still asks for the address, which the other has given.
  await giveAddress(page, say, person.email)
  for (const tab of [page, other]) {
    await fill(tab, { password: person.password })
    await press(tab, say('login'))
    await expect(tab).toHaveURL('/welcome')
  }
  await other.goBack()
  await expect(other.locator('h1')).toBeVisible()
  await expect(summary(other)).toHaveCount(0)
})
