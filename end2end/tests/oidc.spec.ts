// Sign-up and sign-in with an account from elsewhere.

import type { Page } from '@playwright/test'
import { member, stranger } from '../support/people'
import { PRIVILEGED_SECONDS, PROVIDER } from '../support/places'
import { LABEL, NAME, allow, goToConnect, goToProvider, refuse, signUpByProvider } from '../support/provider'
import { signIn, signOut } from '../support/steps'
import { button, expect, field, fill, message, notice, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'oidc' })

async function expectToBe(page: Page, say: Say, email: string) {
  await page.goto('/sessions')
  await expect(page).toShow(say, 'sessions')
  await expect(page.locator('dl')).toContainText(email)
}

test('the sign-in and the sign-up offer the provider beside the password', async ({ page, say }) => {
  await page.goto('/login')
  await expect(page.getByRole('button', { name: say('kratos-1010002', { provider: LABEL }) })).toBeVisible()
  await expect(field(page, 'password')).toBeVisible()

  await page.goto('/registration')
  await expect(page.getByRole('button', { name: say('kratos-1040002', { provider: LABEL }) })).toBeVisible()
  await expect(field(page, 'password')).toBeVisible()
})

test('C59 a form leads to the provider by a page of our own, under a policy that lets forms go nowhere else', async ({ page, context, say }) => {
  await page.goto('/login')
  // A provider that has nothing to show, so that the page stays.
  let asked = () => {}
  const refreshed = new Promise<void>(resolve => (asked = resolve))
  await context.route(`${PROVIDER}/**`, async route => {
    await route.fulfill({ status: 204 })
    asked()
  })

  const response = await press(page, button(page, 'provider', 'example'))

  expect(response.request().isNavigationRequest()).toBe(true)
  expect(response.status()).toBe(200)
  expect(response.headers()['content-security-policy']).toContain("; form-action 'self';")
  await expect(page).toShow(say, 'hand-off')
  const host = new URL(PROVIDER).hostname
  const link = page.getByRole('link', { name: say('hand-off-continue', { host }), exact: true })
  const to = await link.getAttribute('href')
  expect(new URL(to ?? '').origin).toBe(PROVIDER)
  await expect(page.locator('meta[http-equiv=refresh]')).toHaveAttribute('content', `0;url=${to}`)
  // It goes there by itself once, and then stays.
  await refreshed
  await context.unroute(`${PROVIDER}/**`)
  await link.click()
  await expect(page).toHaveURL(url => url.origin === PROVIDER)

  // And of itself.
  await page.goto('/login')
  const form = page.url()
  await goToProvider(page)
  await page.goBack()
  await expect(page).toHaveURL(form)
  await expect(page).toShow(say, 'login')
})

for (const start of ['/registration', '/login']) {
  test(`a new user at ${start} has an account after the provider, and is signed in`, async ({ page, say }) => {
    const { email } = stranger()
    await page.goto(start)

    await goToProvider(page)
    await allow(page, email)

    await expect(page).toHaveURL('/welcome')
    await expect(page).toShow(say, 'welcome-name', { values: { name: NAME.nickname } })
    await expectToBe(page, say, email)
  })
}

for (const start of ['/login', '/registration']) {
  test(`somebody known at ${start} is signed in to the same account`, async ({ page, say }) => {
    const email = await signUpByProvider(page)
    await signOut(page, say)

    await page.goto(start)
    await goToProvider(page)
    await allow(page, email)

    await expect(page).toHaveURL('/welcome')
    await expectToBe(page, say, email)
  })
}

test('the page that asked for the sign-in is where the provider leads back to', async ({ page, say }) => {
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')

  await goToProvider(page)
  await allow(page, stranger().email)

  await expect(page).toHaveURL('/sessions')
})

for (const [start, screen] of [
  ['/login', 'login'],
  ['/registration', 'registration'],
] as const) {
  test(`a refusal at the provider leads back to ${start}, which says so in our words`, async ({ page, say }) => {
    await page.goto(start)

    await goToProvider(page)
    await refuse(page)

    await expect(page).toShow(say, screen, { failed: true })
    expect(path(page)).toBe(start)
    await expect(message(page, 4000001)).toHaveCount(1)
    await expect(page.getByRole('main')).not.toContainText('The person refused')
    await goToProvider(page)
    await allow(page, stranger().email)
    await expect(page).toHaveURL('/welcome')
  })
}

test('what the provider does not tell is asked for, and only that is left to do', async ({ page, say }) => {
  const { email } = stranger()
  await page.goto('/registration')
  await goToProvider(page)
  await allow(page, email, { name: false })

  await expect(page).toHaveURL(/\/registration\?flow=/)
  await expect(field(page, 'traits.email')).toHaveValue(email)
  await expect(page.getByTestId('node/input/password')).toHaveCount(0)
  await fill(page, { 'traits.lastname': '山田', 'traits.firstname': '太郎', 'traits.nickname': 'たろう' })
  await goToProvider(page)
  await allow(page, email, { name: false })

  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: 'たろう' } })
})

test('an empty field of what is still asked for is named', async ({ page, say }) => {
  const { email } = stranger()
  await page.goto('/registration')
  await goToProvider(page)
  await allow(page, email, { name: false })
  await expect(page).toHaveURL(/\/registration\?flow=/)

  await fill(page, { 'traits.lastname': '山田', 'traits.firstname': '太郎' })
  await goToProvider(page)
  await allow(page, email, { name: false })

  await expect(page).toHaveURL(/\/registration\?flow=/)
  await expect(field(page, 'traits.nickname')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'traits.lastname')).toHaveValue('山田')
})

test('an address that the provider did not tell is typed, and still to be confirmed', async ({ page, say }) => {
  const { email } = stranger()
  await page.goto('/registration')
  await goToProvider(page)
  await allow(page, `at-the-provider-${email}`, { email: false })
  await expect(page).toHaveURL(/\/registration\?flow=/)
  await expect(field(page, 'traits.nickname')).toHaveValue(NAME.nickname)

  await fill(page, { 'traits.email': email })
  await goToProvider(page)
  await allow(page, `at-the-provider-${email}`, { email: false })

  await expect(page).toHaveURL('/welcome')
  await expect(page.getByRole('link', { name: say('verification') })).toBeVisible()
  await expectToBe(page, say, email)
})

test('an address that has an account already is connected to it by its password', async ({ page, say }) => {
  const person = await member()
  await page.goto('/login')
  await goToProvider(page)
  await allow(page, person.email)

  await expect(page).toHaveURL(/\/login\?/)
  const values = { provider: LABEL, duplicate_identifier: person.email }
  await expect(page.getByRole('main')).toContainText(say('kratos-1010016', values))
  await fill(page, { password: person.password })
  await press(page, button(page, 'method', 'password'))
  await expect(page).toHaveURL('/welcome')
  await signOut(page, say)

  await goToProvider(page)
  await allow(page, person.email)
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
})

test('a wrong password connects nothing, and the right one after it does', async ({ page, say }) => {
  const person = await member()
  await page.goto('/login')
  await goToProvider(page)
  await allow(page, person.email)
  await expect(page).toHaveURL(/\/login\?/)

  await fill(page, { password: 'not this one' })
  await press(page, button(page, 'method', 'password'))
  await expect(message(page, 4000006)).toHaveCount(1)
  await expect(summary(page)).toBeFocused()
  await fill(page, { password: person.password })
  await press(page, button(page, 'method', 'password'))

  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
})

test('an account is connected and disconnected in the settings', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)

  await goToConnect(page)
  await allow(page, `other-${person.email}`)

  await expect(page).toHaveURL(/\/settings\?/)
  await expect(notice(page)).toContainText(say('settings-saved'))
  await page.goto('/settings?section=oidc')
  await page.getByRole('listitem').filter({ hasText: LABEL }).locator('summary').click()
  await press(page, button(page, 'unlink', 'example'))
  await expect(notice(page)).toContainText(say('settings-saved'))
  await expect(button(page, 'link', 'example')).toBeVisible()
})

test('an account connected in the settings can sign in', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await goToConnect(page)
  await allow(page, `other-${person.email}`)
  await expect(page).toHaveURL(/\/settings\?/)
  await signOut(page, say)

  await goToProvider(page)
  await allow(page, `other-${person.email}`)

  await expect(page).toHaveURL('/welcome')
  await expectToBe(page, say, person.email)
})

test('the only way to sign in can be disconnected after a password is set, not before', async ({ page, say }) => {
  await signUpByProvider(page)

  await page.goto('/settings?section=oidc')
  await expect(button(page, 'unlink', 'example')).toHaveCount(0)
  await page.goto('/settings?section=password')
  await fill(page, { password: 'a quiet garden at dusk' })
  await press(page, button(page, 'method', 'password'))
  await expect(notice(page)).toContainText(say('settings-password-saved'))

  await page.goto('/settings?section=oidc')
  await expect(button(page, 'unlink', 'example')).toHaveCount(1)
})

test('a privileged change needs a new sign-in at the provider, and then is made', async ({ page, say }) => {
  test.slow()
  const email = await signUpByProvider(page)
  await page.goto('/settings?section=password')
  await page.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  await fill(page, { password: 'a quiet garden at dusk' })
  await press(page, button(page, 'method', 'password'))
  await expect(page).toShow(say, 'login-again')
  await expect(page.getByTestId('node/input/password')).toHaveCount(0)
  await goToProvider(page)
  await allow(page, email)

  await expect(page).toHaveURL(/\/settings\?/)
  await expect(notice(page)).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, { ...stranger(), email, password: 'a quiet garden at dusk' })
})

test('what belongs to another account is not connected, and that is said', async ({ page, say }) => {
  const email = await signUpByProvider(page)
  await signOut(page, say)
  await signIn(page, say, await member())

  await goToConnect(page)
  await allow(page, email)

  await expect(page).toHaveURL(/\/settings\?/)
  await expect(summary(page)).toBeVisible()
  await page.goto('/settings?section=oidc')
  await expect(button(page, 'link', 'example')).toBeVisible()
})

test('a refusal at the provider connects nothing, and that is said', async ({ page, say }) => {
  await signIn(page, say, await member())

  await goToConnect(page)
  await refuse(page)

  await expect(page).toHaveURL(/\/settings\?/)
  await expect(summary(page)).toBeVisible()
  await expect(page.getByRole('main')).not.toContainText('The person refused')
})
