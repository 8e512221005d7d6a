// Accounts that the operator has switched off.

import { Mailbox } from '../support/mail'
import { disable, enable, member } from '../support/people'
import { allow, goToProvider, signUpByProvider } from '../support/provider'
import { askForCode, askForSignInCode, signIn, signOut } from '../support/steps'
import { expect, field, fill, message, path, press, summary, test } from '../support/test'

test.use({ profile: 'code oidc' })

test('a disabled account is named only after the right password, and neither password signs in', async ({
  page,
  say,
  answer,
}) => {
  const person = await member()
  await disable(person.email)
  await page.goto('/login?return_to=/sessions')

  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
  await expect(summary(page)).not.toContainText(say('flash-account-disabled'))
  await fill(page, { password: person.password })
  expect((await press(page, say('login'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toContainText(say('flash-account-disabled'))
  await expect(field(page, 'identifier')).toHaveValue(person.email)
  await enable(person.email)
  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('a mailed code does not sign in to a disabled account, and the page says why', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await disable(email)
  await page.goto('/login?return_to=/sessions')
  await askForSignInCode(page, say, email)

  await fill(page, { code: await mailbox.code() })
  expect((await press(page, say('login-code-submit'))).status()).toBeLessThan(500)
  await expect(summary(page)).toContainText(say('flash-account-disabled'))
  expect(path(page)).toBe('/login')
  await enable(email)
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
  await askForSignInCode(page, say, email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('login-code-submit'))

  await expect(page).toHaveURL('/sessions')
})

test('a recovery of an account that is switched off says so and changes nothing', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await disable(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)

  await fill(page, { code: await mailbox.code() })
  expect((await press(page, say('next'))).status()).toBeLessThan(500)

  await expect(summary(page)).toContainText(say('flash-account-disabled'))
  await page.goto('/settings')
  await expect(page).toShow(say, 'login')
})

test('the provider of an account that is switched off leads back to the sign-in, which says so', async ({ page, say }) => {
  const email = await signUpByProvider(page)
  await signOut(page, say)
  await disable(email)

  await goToProvider(page)
  await allow(page, email)
  await expect(page).toShow(say, 'login', { failed: true })
  expect(path(page)).toBe('/login')
  await expect(summary(page)).toContainText(say('flash-account-disabled'))
  await enable(email)
  await goToProvider(page)
  await allow(page, email)

  await expect(page).toHaveURL('/welcome')
})

test('a user whose account is disabled during a session must sign in, and the page says why that fails', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.nickname': 'はなこ' })
  await disable(person.email)

  expect((await press(page, say('save'))).status()).toBeLessThan(400)
  await expect(page).toShow(say, 'login')
  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome')
  await expect(page.getByText(say('welcome-lead'))).toBeVisible()
  await page.goto('/settings')
  await expect(page).toShow(say, 'login')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toContainText(say('flash-account-disabled'))
  await page.goto('/logout')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()

  // The session is there again with the account.
  await enable(person.email)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
})
