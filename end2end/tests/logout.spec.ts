import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { signIn } from '../support/steps'
import { expect, notice, press, test } from '../support/test'

test('C61 opening the page does not sign out', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)

  await page.goto('/logout')
  await expect(page).toShow(say, 'logout')

  await page.goto('/sessions')
  await expect(page).toShow(say, 'sessions')
})

test('the button signs out, and says so once', async ({ page, say, answer }) => {
  await signIn(page, say, await member())
  await page.goto('/logout')

  const response = await press(page, say('logout'))

  expect(response.status()).toBe(answer.left)
  await expect(page).toHaveURL(/\/login\?flow=/)
  await expect(notice(page)).toHaveText(say('flash-signed-out'))
  await page.reload()
  await expect(page).toShow(say, 'login')
  await expect(notice(page)).toHaveCount(0)
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
})

test('it also works without a session', async ({ page, say }) => {
  await page.goto('/logout')

  await press(page, say('logout'))

  await expect(page).toShow(say, 'login')
  await expect(notice(page)).toHaveText(say('flash-signed-out'))
})

test('pressing it in a second tab is no error', async ({ page, context, say }) => {
  await signIn(page, say, await member())
  await page.goto('/logout')
  const other = await context.newPage()
  await other.goto('/logout')
  await press(other, say('logout'))
  await expect(other).toShow(say, 'login')

  await press(page, say('logout'))

  await expect(page).toShow(say, 'login')
  await expect(notice(page)).toHaveText(say('flash-signed-out'))
})

for (const [address, screen] of [
  ['/sessions', 'sessions'],
  ['/settings?section=profile', 'settings-profile'],
] as const) {
  test(`C63 going back to ${address} afterwards shows nothing of the account`, async ({ page, say }) => {
    const person = await member()
    await signIn(page, say, person)
    await page.goto(address)
    await expect(page).toShow(say, screen)
    expect(await page.content()).toContain(person.email)
    await page.goto('/logout')
    await press(page, say('logout'))
    await expect(page).toHaveURL(/\/login\?flow=/)
    await expect(page).toShow(say, 'login')

    await page.goBack()
    await expect(page).toShow(say, 'logout')
    expect(await page.content()).not.toContain(person.email)
    await page.goBack()
    await expect(page).toShow(say, 'login')
    expect(await page.content()).not.toContain(person.email)
  })
}

test('C63 a browser that keeps whole pages for going back keeps none of an account that was signed out', async ({
  playwright,
  launchOptions,
  locale,
  javaScriptEnabled,
  hasScript,
  say,
}) => {
  // Playwright's own switches that off.
  const browser = await playwright.chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  const context = await browser.newContext({ baseURL: GENKAN, locale, javaScriptEnabled })
  const wasKept: string[] = []
  await context.addInitScript(() => addEventListener('pageshow', event => console.log(`kept: ${event.persisted}`)))
  context.on('console', message => wasKept.push(message.text()))
  const person = await member()
  const before = await context.newPage()
  await signIn(before, say, person)
  await before.goto('/sessions')
  await before.goto('/welcome')
  await before.evaluate(() => history.back())
  if (hasScript) await expect.poll(() => wasKept.at(-1)).toBe('kept: true')
  const page = await context.newPage()
  await page.goto('/sessions')
  await expect(page.getByRole('main')).toContainText(person.email)
  await page.goto('/logout')
  await press(page, say('logout'))
  await expect(page).toHaveURL(/\/login\?flow=/)
  await expect(page).toShow(say, 'login')
  const asked = page.waitForRequest('/sessions')

  await page.evaluate(() => history.go(-2))

  await asked
  await expect(page).toShow(say, 'login')
  expect(await page.content()).not.toContain(person.email)
  if (hasScript) expect(wasKept.at(-1)).toBe('kept: false')
  await browser.close()
})

test('C60 C61 only the form of this site signs out', async ({ page, say }) => {
  await signIn(page, say, await member())

  const response = await page.request.post('/fragments/logout', { headers: { Origin: 'https://evil.example' } })

  expect(response.status()).toBe(403)
  await page.goto('/sessions')
  await expect(page).toShow(say, 'sessions')
})
