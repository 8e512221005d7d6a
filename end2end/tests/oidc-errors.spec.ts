// Errors on the way to a provider and back: the page explains them, no session begins, and a retry
// works.

import type { Page } from '@playwright/test'
import { accounts, member, stranger } from '../support/people'
import { GENKAN } from '../support/places'
import { allow, callback, goToConnect, goToProvider, goToProviderKnowingState, nextCallback, refuse, troubled, type Trouble } from '../support/provider'
import { details, signIn, signOut } from '../support/steps'
import { button, expect, fill, message, notice, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'oidc' })

const MARKUP = `"><img src=x onerror="document.title='run'"><b>Broken</b>`

/** Whether this is a page of our own that explains and leads on. */
async function expectExplanation(page: Page, say: Say, key: string) {
  await expect(page).toShow(say, key)
  await expect(page.getByTestId('ui/error/message')).toHaveText(say(`${key}-lead`))
  await expect(page.getByRole('main').getByRole('link', { name: say('go-to-login') })).toBeVisible()
}

/** The way on from there, by the provider. */
async function expectNextTryToWork(page: Page, say: Say, email = stranger().email) {
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
  await goToProvider(page)
  await allow(page, email)
  await expect(page).toHaveURL('/sessions')
  await expect(page.locator('dl')).toContainText(email)
}

for (const [start, screen] of [
  ['/login', 'login'],
  ['/registration', 'registration'],
] as const) {
  test(`an error of the provider leads back to ${start}, in our words`, async ({ page, say }) => {
    await page.goto(start)
    const state = await goToProviderKnowingState(page)

    const response = await page.goto(callback({ state, error: 'server_error', error_description: MARKUP }))

    expect(response?.status()).toBe(200)
    expect(path(page)).toBe(start)
    await expect(page).toShow(say, screen, { failed: true })
    await expect(message(page, 4000001)).toHaveText(say('provider-failed'))
    await expect(page.getByRole('main')).not.toContainText('Broken')
    await expect(page.locator('main img, main b')).toHaveCount(0)
    await expectNextTryToWork(page, say)
  })
}

test('whom the provider refuses at the sign-up can sign up without it', async ({ page, say }) => {
  await page.goto('/registration?return_to=/sessions')
  await goToProvider(page)
  await refuse(page)
  await expect(page).toShow(say, 'registration', { failed: true })

  await page.getByRole('main').getByRole('link', { name: say('start-over') }).click()
  await expect(page).toShow(say, 'registration')
  await fill(page, details(stranger()))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'code')
})

test('an answer of the provider with neither a code nor an error is told', async ({ page, say }) => {
  await page.goto('/login')
  const state = await goToProviderKnowingState(page)

  const response = await page.goto(callback({ state }))

  expect(response?.status()).toBe(200)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toBeVisible()
  await expectNextTryToWork(page, say)
})

for (const trouble of ['failure', 'garbage', 'hangup', 'silence'] satisfies Trouble[]) {
  test(`a provider that answers Kratos with ${trouble} signs no user in, and the page says so`, async ({ page, say }) => {
    test.slow()
    const { email } = stranger()
    await page.goto('/login')
    await goToProvider(page)

    await allow(page, troubled(trouble, email))

    // Genkan waits for Kratos, and Kratos for the provider: not for ever.
    await expect(page.getByTestId('ui/error/message')).toBeVisible({ timeout: 30_000 })
    await expectExplanation(page, say, trouble === 'silence' ? 'error-service' : 'error-provider')
    await expect(page.getByRole('main')).not.toContainText('database')
    expect(await accounts(troubled(trouble, email))).toEqual([])
    await expectNextTryToWork(page, say, email)
  })
}

test('a provider that fails while an account is connected connects nothing and ends no session', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await goToConnect(page)

  await allow(page, troubled('garbage', person.email))

  await expectExplanation(page, say, 'error-provider')
  await goToConnect(page)
  await allow(page, `other-${person.email}`)
  await expect(page).toHaveURL(/\/settings\?/)
  await expect(notice(page)).toContainText(say('settings-saved'))
})

test('a callback without the secret, with a wrong one, or with that of another browser does not sign in', async ({
  page,
  browser,
  say,
}) => {
  const elsewhere = await browser.newContext()
  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  const foreign = await goToProviderKnowingState(theirs)
  await elsewhere.close()
  await page.goto('/login')
  const own = await goToProviderKnowingState(page)

  for (const query of [{}, { state: '' }, { state: 'x' }, { state: MARKUP }, { state: foreign }, { state: `${own}x` }]) {
    const response = await page.goto(callback({ code: 'x', ...query }))
    expect(response?.status()).toBeLessThan(500)
    await expectExplanation(page, say, 'error-provider')
  }
  await expectNextTryToWork(page, say)
})

test('a way back from the provider counts once', async ({ page, say }) => {
  const { email } = stranger()
  const cameBack = nextCallback(page)
  await page.goto('/login')
  await goToProvider(page)
  await allow(page, email)
  await expect(page).toHaveURL('/welcome')
  const used = await cameBack

  // Who is signed in already has what they want.
  await page.goto(used)
  await expect(page).toHaveURL('/welcome')
  await signOut(page, say)
  await page.goto(used)
  await expectExplanation(page, say, 'error-provider')

  await expectNextTryToWork(page, say, email)
  expect(await accounts(email)).toHaveLength(1)
})

test('going back after a sign-in by the provider leads to no form', async ({ page, say }) => {
  await page.goto('/login')
  await goToProvider(page)
  await allow(page, stranger().email)
  await expect(page).toHaveURL('/welcome')

  do await page.goBack()
  while (!page.url().startsWith(GENKAN))

  await expect(page).toHaveURL('/welcome')
  await expect(notice(page)).toHaveText(say('flash-signed-in-already'))
})

test('of two tabs that are both at the provider the later one signs in, and the other says to start again', async ({
  page,
  context,
  say,
}) => {
  const { email } = stranger()
  await page.goto('/login')
  await goToProvider(page)
  const other = await context.newPage()
  await other.goto('/login?return_to=/sessions')
  await goToProvider(other)

  await allow(page, email)
  await expectExplanation(page, say, 'error-provider')
  await allow(other, email)
  await expect(other).toHaveURL('/sessions')

  await page.getByRole('main').getByRole('link', { name: say('go-to-login') }).click()
  await expect(page).toHaveURL('/welcome')
  await expect(notice(page)).toHaveText(say('flash-signed-in-already'))
})

test('pressing the button of the provider twice signs in once', async ({ page }) => {
  const { email } = stranger()
  await page.goto('/login')

  await button(page, 'provider', 'example').dblclick()
  await expect(page.getByLabel('Your account')).toBeVisible()
  await allow(page, email)

  await expect(page).toHaveURL('/welcome')
  expect(await accounts(email)).toHaveLength(1)
})
