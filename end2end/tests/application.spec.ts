// An application that signs in by Ory Hydra gets its users back, whatever they do in between.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { GENKAN, HYDRA } from '../support/places'
import { askForCode, details, signIn, signOut } from '../support/steps'
import { expect, field, fill, notice, press, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'hydra', settings: { HYDRA_ADMIN_URL: HYDRA } })

const APP = `${HYDRA}/app`

/** Opens the application, which asks for a sign-in. */
async function begin(page: Page, query = '') {
  await page.goto(`${APP}${query}`)
}

/** Allows what the application asks for, and is back there. */
async function allow(page: Page, say: Say) {
  await expect(page).toShow(say, 'consent', { values: { client: 'Example App' } })
  await page.getByRole('button', { name: say('consent-accept'), exact: true }).click()
  await expect(page.getByRole('heading', { name: /^Back as / })).toBeVisible()
}

test('a sign-up out of an application, and the code after it, lead back to the application', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await begin(page)
  await page.getByRole('link', { name: say('login-register') }).click()
  await fill(page, details(person))
  await page.getByRole('button', { name: say('registration-submit'), exact: true }).click()
  await expect(page).toShow(say, 'code')
  await fill(page, { code: await mailbox.code() })
  await page.getByRole('button', { name: say('confirm'), exact: true }).click()
  await allow(page, say)
})

test('a new password after a recovery leads back to the application', async ({ page, say }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await begin(page)
  await page.getByRole('link', { name: say('login-forgot') }).click()
  await askForCode(page, say, person.email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('next'))
  await expect(page).toShow(say, 'settings-password')
  await fill(page, { password: 'another garden at dawn' })
  await page.getByRole('button', { name: say('settings-password-submit'), exact: true }).click()
  // Kratos asks once more, because the application has seen no sign-in.
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password: 'another garden at dawn' })
  await page.getByRole('button', { name: say('continue'), exact: true }).click()
  await allow(page, say)
})

test('a sign-in that another tab has done leads back to the application', async ({ page, context, say }) => {
  const person = await member()
  await begin(page)
  await signIn(await context.newPage(), say, person)
  await fill(page, { identifier: person.email, password: person.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password: person.password })
  await page.getByRole('button', { name: say('continue'), exact: true }).click()
  await allow(page, say)
})

test('a sign-in whose flow is gone begins again for the application', async ({ page, context, say }) => {
  const person = await member()
  await begin(page)
  const other = await context.newPage()
  await signIn(other, say, await member())
  await signOut(other, say)
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await fill(page, { password: person.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await allow(page, say)
})

test('another account can be used for the same application, also from the consent', async ({ page, say }) => {
  const [one, two] = [await member(), await member()]
  await begin(page)
  await fill(page, { identifier: one.email, password: one.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page.getByRole('main')).toContainText(one.email)
  await page.getByRole('link', { name: say('login-other-account') }).click()
  await expect(page).toShow(say, 'login-other-account')
  await page.getByRole('button', { name: say('logout'), exact: true }).click()
  await fill(page, { identifier: two.email, password: two.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page.getByRole('main')).toContainText(two.email)
  await allow(page, say)

  // And from the question who is here.
  await begin(page, '?prompt=login')
  await expect(page).toShow(say, 'login-again')
  await page.getByRole('link', { name: say('login-other-account') }).click()
  await page.getByRole('button', { name: say('logout'), exact: true }).click()
  await fill(page, { identifier: one.email, password: one.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await allow(page, say)
})

test('after an own sign-out the application asks for a sign-in again', async ({ page, say }) => {
  const person = await member()
  await begin(page)
  await fill(page, { identifier: person.email, password: person.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await allow(page, say)
  // The application needs no more than the consent while the sign-in lasts.
  await begin(page)
  await expect(page).toShow(say, 'consent', { values: { client: 'Example App' } })
  await signOut(page, say)
  await begin(page)
  await expect(page).toShow(say, 'login')
})

test('Enter on "Do not ask again" grants nothing', async ({ page, say }) => {
  const person = await member()
  await begin(page)
  await fill(page, { identifier: person.email, password: person.password })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page).toShow(say, 'consent', { values: { client: 'Example App' } })
  await page.locator('#remember').press('Enter')
  await page.locator('#remember').press('Space')
  await expect(page.locator('#remember')).toBeChecked()
  await allow(page, say)
})

test('the account and the language that an application asks for are used', async ({ page, say, language }) => {
  await begin(page, `?login_hint=hint%40example.com&ui_locales=${language}`)
  await expect(page).toShow(say, 'login')
  await expect(field(page, 'identifier')).toHaveValue('hint@example.com')
})

test('the code of a device is compared, and its end is a page', async ({ page, say }) => {
  await page.goto(`${HYDRA}/oauth2/device/verify`)
  await expect(page).toShow(say, 'device')
  await page.locator('#user_code').fill('WRONG')
  await page.getByRole('button', { name: say('continue'), exact: true }).click()
  await expect(page).toShow(say, 'device', { failed: true })
  await expect(page.locator('#user_code-error')).toContainText(say('device-code-wrong'))
  await page.locator('#user_code').fill(' bqtr-gkzm ')
  await page.getByRole('button', { name: say('continue'), exact: true }).click()
  await expect(page).toHaveURL(`${GENKAN}/device/done?client_id=example-app`)
  await expect(page).toShow(say, 'device-done')
})

test('a challenge that is over says so', async ({ page, say }) => {
  await page.goto('/login?login_challenge=0123456789abcdef')
  await expect(page).toShow(say, 'error-application')
  await expect(notice(page)).toHaveCount(0)
})
