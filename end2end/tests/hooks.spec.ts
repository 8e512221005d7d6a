// A service of the operator's is asked before Kratos acts, and can refuse with numbers and texts that no catalogue has:
// they are shown as they come. end2end/hooks.mjs refuses by the nickname.

import type { Page } from '@playwright/test'
import { member, stranger, type Person } from '../support/people'
import { details, signIn } from '../support/steps'
import { expect, field, fill, message, notice, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'hooks' })

const FIELD = 'Somebody else has this nickname.'
const FORM = 'We are closed on Mondays.'

async function signUp(page: Page, say: Say, nickname: string): Promise<Person> {
  const person = { ...stranger(), nickname }
  await page.goto('/registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  return person
}

async function changeNickname(page: Page, nickname: string) {
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.nickname': nickname })
  await press(page, page.locator('button[name=method][value=profile]'))
}

test('a sign-up that the service likes goes on', async ({ page, say }) => {
  await signUp(page, say, 'たろう')

  await expect(page).toShow(say, 'code')
})

test('a refusal at a field of the sign-up stands at the field', async ({ page, say }) => {
  const { email } = await signUp(page, say, 'refused at the field')

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(page.getByTestId('node/input/traits.nickname')).toContainText(FIELD)
  await expect(field(page, 'traits.nickname')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'traits.email')).toHaveValue(email)
  await summary(page).getByRole('link', { name: FIELD }).click()
  await expect(field(page, 'traits.nickname')).toBeFocused()
})

test('a refusal of the whole sign-up stands above the form', async ({ page, say }) => {
  await signUp(page, say, 'refused at the form')

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 9990002)).toHaveText(FORM)
})

test('a refusal of both kinds is said at both places', async ({ page, say }) => {
  await signUp(page, say, 'refused at both')

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 9990003)).toHaveText('Two things are wrong.')
  await expect(page.getByTestId('node/input/traits.nickname')).toContainText(FIELD)
  await expect(summary(page).getByRole('listitem')).toHaveCount(2)
})

test('a sign-up goes on after what was refused is changed', async ({ page, say }) => {
  const { password } = await signUp(page, say, 'refused at the field')
  await expect(page).toShow(say, 'registration', { failed: true })

  await fill(page, { 'traits.nickname': 'たろう', password })
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'code')
})

test('what the service says is text', async ({ page, say }) => {
  await signUp(page, say, 'refused with markup')

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 9990004)).toHaveText('<b>Bold</b> & "quoted"')
  await expect(page.locator('main b')).toHaveCount(0)
})

test('a service that fails is said in our words, and a later sign-up goes on', async ({ page, say, hasScript }) => {
  await signUp(page, say, 'the service fails')
  if (hasScript) await expect(page.locator('#net-error')).toBeVisible()
  else await expect(page).toShow(say, 'error-service')
  await expect(page.locator('body')).not.toContainText('upstream')

  await signUp(page, say, 'たろう')

  await expect(page).toShow(say, 'code')
})

test('a refused sign-in says so at the sign-in and creates no session', async ({ page, say }) => {
  const person = await member({ nickname: 'refused at the form' })
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 9990002)).toHaveText(FORM)
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
})

test('a refusal of a sign-in at a field that it does not have is said all the same', async ({ page, say }) => {
  const person = await member({ nickname: 'refused at the field' })
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toContainText(FIELD)
  await expect(field(page, 'identifier')).toHaveValue(person.email)
})

test('a refusal of a change stands at its field, and nothing is changed', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)

  await changeNickname(page, 'refused at the field')

  expect(path(page)).toBe('/settings')
  await expect(page.getByTestId('node/input/traits.nickname')).toContainText(FIELD)
  await expect(notice(page)).toHaveCount(0)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
})

test('a refusal of a change as a whole stands above the form', async ({ page, say }) => {
  await signIn(page, say, await member())

  await changeNickname(page, 'refused at the form')

  await expect(message(page, 9990002)).toHaveText(FORM)
  await expect(summary(page)).toBeFocused()
})

test('a change that the service likes is made', async ({ page, say }) => {
  await signIn(page, say, await member())

  await changeNickname(page, 'はなこ')

  await expect(notice(page)).toContainText(say('settings-saved'))
})
