// Sign-up in two steps: first the details, then a way to sign in.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, stranger, type Person } from '../support/people'
import { signIn, traits } from '../support/steps'
import { addField, change, expect, expectValues, field, fill, flow, message, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'two-step code passkey oidc' })

/** Goes through the first step. */
async function giveDetails(page: Page, say: Say, person: Person) {
  await fill(page, traits(person))
  await press(page, say('next'))
  await expect(page).toShow(say, 'registration-credential')
}

test('details, then a password; back keeps what was typed', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration?return_to=/sessions')
  const id = flow(page)
  await expect(page).toShow(say, 'registration')
  await expect(field(page, 'traits.email')).toBeFocused()
  await expect(page.getByTestId('node/input/password')).toHaveCount(0)

  await fill(page, { ...traits(person), 'traits.birthdate': '1990-04-01' })
  expect((await press(page, say('next'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'registration-credential')
  await expect(field(page, 'password')).toBeFocused()
  await expect(page.getByLabel(say('account'))).toHaveValue(person.email)
  expect((await press(page, say('kratos-1040008'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'registration')
  await expectValues(page, { ...traits(person), 'traits.birthdate': '1990-04-01' })
  await fill(page, { 'traits.nickname': 'タロ' })
  await press(page, say('next'))
  await expect(page).toShow(say, 'registration-credential')
  await fill(page, { password: person.password })
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)

  await expect(page).toHaveURL(/\/verification\?flow=/)
  await expect(page).toShow(say, 'code')
  expect(flow(page)).not.toBe(id)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue('タロ')
  await expect(field(page, 'traits.birthdate')).toHaveValue('1990-04-01')
})

test('what is wrong is said at the step where it was typed', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration')

  expect((await press(page, say('next'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })
  for (const name of Object.keys(traits(person))) await expect(field(page, name)).toHaveAttribute('aria-invalid', 'true')
  await fill(page, traits({ ...person, email: 'nobody' }))
  expect((await press(page, say('next'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page).getByRole('link')).toHaveCount(1)
  await expect(field(page, 'traits.email')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'traits.email')).toHaveValue('nobody')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await giveDetails(page, say, person)
  await fill(page, { password: 'short' })
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration-credential', { failed: true })
  await expect(message(page, 4000032)).toContainText(say('kratos-4000032', { label: say('kratos-1070001'), min_length: 8 }))
  await expect(field(page, 'password')).toHaveValue('')
  await expect(page.getByLabel(say('account'))).toHaveValue(person.email)
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))

  await expect(page).toHaveURL(/\/verification\?flow=/)
})

test('details, then a code; back leads to the choice, and on to the details', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration?return_to=/sessions')
  await giveDetails(page, say, person)

  expect((await press(page, say('kratos-1040006'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(message(page, 1040005).locator('bdi')).toHaveText(person.email)
  const first = await mailbox.code()
  await press(page, say('kratos-1040008'))
  await expect(page).toShow(say, 'registration-credential')
  await press(page, say('kratos-1040008'))
  await expect(page).toShow(say, 'registration')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
  await press(page, say('next'))
  await press(page, say('kratos-1040006'))
  await expect(page).toShow(say, 'code')
  const second = await mailbox.code()
  await fill(page, { code: first })
  expect((await press(page, say('registration-code-submit'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await fill(page, { code: second })
  await press(page, say('registration-code-submit'))

  await expect(page).toHaveURL('/sessions')
  await expect(page.getByRole('main')).toContainText(person.email)
})

test('a passkey is offered where a script can ask for it, and nowhere else', async ({ page, say, hasScript }) => {
  await page.goto('/registration')
  await expect(page.getByTestId('node/input/passkey_register_trigger')).toHaveCount(0)

  await giveDetails(page, say, stranger())

  await expect(page.getByTestId('node/input/passkey_register_trigger')).toBeVisible({ visible: hasScript })
  await expect(page.getByRole('button', { name: say('registration-submit') })).toBeVisible()
  await expect(page.getByRole('button', { name: say('kratos-1040006') })).toBeVisible()
})

test('where to go in the end is kept between sign-up and sign-in, there and back', async ({ page, say }) => {
  const person = await member()
  await page.goto('/login?return_to=/sessions')
  await page.getByTestId('signup-link').click()
  await expect(page).toShow(say, 'registration')
  await giveDetails(page, say, stranger())
  await page.getByTestId('cta-link').click()
  await expect(page).toShow(say, 'login')

  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('an address that has an account is refused at the end, and can be changed', async ({ page, say, answer }) => {
  const { email } = await member()
  const person = stranger()
  await page.goto('/registration')
  await giveDetails(page, say, { ...person, email })

  await fill(page, { password: person.password })
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)
  await expect(message(page, 4000007)).toHaveText(say('kratos-4000007'))
  await press(page, say('kratos-1040008'))
  await expect(page).toShow(say, 'registration')
  await giveDetails(page, say, person)
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))

  await expect(page).toHaveURL(/\/verification\?flow=/)
})

test('hidden details that were changed are refused, and no account is made', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration')
  await giveDetails(page, say, person)

  await change(page, say('registration-submit'), 'traits.email', 'nobody')
  await fill(page, { password: person.password })
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)

  await expect(summary(page)).toBeVisible()
  expect(path(page)).toBe('/registration')
  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome')
})

test('fields of other methods, and details that the form does not have, change nothing', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await giveDetails(page, say, person)

  for (const [name, value] of [
    ['code', '000000'],
    ['passkey_register', '{}'],
    ['traits.role', 'admin'],
  ]) {
    await addField(page, say('registration-submit'), name, value)
  }
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))

  await expect(page).toHaveURL(/\/verification\?flow=/)
  await expect(page).toShow(say, 'code')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await expect(page.locator('[name="traits.role"]')).toHaveCount(0)
})

test('the second step sent from two tabs makes one account', async ({ page, context, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await giveDetails(page, say, person)
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other).toShow(say, 'registration-credential')

  await fill(page, { password: person.password })
  await fill(other, { password: person.password })
  await press(other, say('registration-submit'))
  await expect(other).toHaveURL(/\/verification\?flow=/)
  await press(page, say('registration-submit'))

  await expect(page).toHaveURL('/welcome')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
})

test('a double click at the end makes one account', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await giveDetails(page, say, person)
  await fill(page, { password: person.password })

  await page.getByRole('button', { name: say('registration-submit'), exact: true }).dblclick()

  // The browser drops the answer to the first press. Where the account was made by then, the second is told of it.
  const isIn = () => /\/(verification\?flow=|welcome)/.test(page.url())
  await expect(async () => expect(isIn() || (await message(page, 4000007).isVisible())).toBe(true)).toPass()
  if (!isIn()) await signIn(page, say, person)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
})
