import type { Browser, Page } from '@playwright/test'
import { member, type Person } from '../support/people'
import { signIn } from '../support/steps'
import { expect, notice, path, press, test } from '../support/test'
import type { Say } from '../support/texts'

const FIREFOX = {
  names: { browser: 'Firefox', system: 'Windows' },
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
}
const SAFARI = {
  names: { browser: 'Safari', system: 'iPhone' },
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
}
const CURL = { userAgent: 'curl/8.10.1' }

/** Signs a user in on another device. */
async function elsewhere(browser: Browser, say: Say, person: Person, { userAgent }: { userAgent: string }): Promise<Page> {
  const context = await browser.newContext({ userAgent })
  const page = await context.newPage()
  await signIn(page, say, person)
  return page
}

const rows = (page: Page) => page.locator('.devices > li')

const row = (page: Page, name: string) => rows(page).filter({ has: page.getByRole('heading', { name, exact: true }) })

/** What a button of the page asks before it does anything. */
const ask = (page: Page, name: string) => row(page, name).locator('summary')

const isSignedIn = async (page: Page) => {
  await page.goto('/sessions')
  return path(page) === '/sessions'
}

test('the page names the account, since when it is signed in, and until when', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)

  await page.getByRole('link', { name: say('sessions') }).click()

  await expect(page).toShow(say, 'sessions')
  const facts = page.locator('dl')
  await expect(facts).toContainText(person.email)
  await expect(facts).toContainText('127.0.0.1')
  await expect(facts).toContainText(say('sessions-method-password'))
  const time = (key: string) => facts.locator('div').filter({ has: page.getByText(say(key), { exact: true }) }).locator('time')
  const since = Date.parse((await time('sessions-since').getAttribute('datetime')) ?? '')
  const until = Date.parse((await time('sessions-until').getAttribute('datetime')) ?? '')
  expect(Math.abs(since - Date.now())).toBeLessThan(60_000)
  expect(until - since).toBeGreaterThan(24 * 60 * 60_000)
  await expect(page.getByText(say('sessions-alone'))).toBeVisible()
})

test('times are written in the language of the page', async ({ page, say, language }) => {
  await signIn(page, say, await member())

  await page.goto('/sessions')

  const year = new Date().getUTCFullYear()
  const written = { ja: new RegExp(`${year}年\\d{1,2}月\\d{1,2}日`), en: new RegExp(`\\d{1,2} [A-Z][a-z]+ ${year}`) }
  await expect(page.locator('time').first()).toHaveText(written[language])
})

test('C44 one device is signed out, after it was asked about, and no other', async ({ page, browser, say, answer }) => {
  const person = await member()
  const firefox = await elsewhere(browser, say, person, FIREFOX)
  const safari = await elsewhere(browser, say, person, SAFARI)
  await signIn(page, say, person)
  await page.goto('/sessions')
  await expect(rows(page)).toHaveCount(3)
  await expect(rows(page).first()).toContainText(say('sessions-this'))
  const name = say('sessions-device', FIREFOX.names)
  const button = say('sessions-end', { device: name })
  await expect(page.getByRole('button', { name: button, exact: true })).toBeHidden()

  await ask(page, name).click()
  await expect(row(page, name)).toContainText(say('sessions-end-what'))
  const response = await press(page, button)

  expect(response.status()).toBe(answer.shown)
  await expect(page).toHaveURL('/sessions')
  await expect(page).toShow(say, 'sessions')
  await expect(notice(page)).toHaveText(say('flash-device-signed-out'))
  await expect(notice(page)).toBeFocused()
  await expect(rows(page)).toHaveCount(2)
  await expect(row(page, say('sessions-device', SAFARI.names))).toBeVisible()
  expect(await isSignedIn(firefox)).toBe(false)
  expect(await isSignedIn(safari)).toBe(true)
  await page.reload()
  await expect(notice(page)).toHaveCount(0)
  await firefox.context().close()
  await safari.context().close()
})

test('all other devices are signed out at once, and this one is not', async ({ page, browser, say, answer }) => {
  const person = await member()
  const others = [await elsewhere(browser, say, person, FIREFOX), await elsewhere(browser, say, person, CURL)]
  await signIn(page, say, person)
  await page.goto('/sessions')
  await expect(row(page, say('sessions-unknown'))).toContainText(CURL.userAgent)

  await page.locator('#panel form > details > summary').click()
  await expect(page.getByText(say('sessions-end-others-what'))).toBeVisible()
  const response = await press(page, say('sessions-end-others'))

  expect(response.status()).toBe(answer.shown)
  await expect(page).toHaveURL('/sessions')
  await expect(notice(page)).toHaveText(say('flash-others-signed-out'))
  await expect(notice(page)).toBeFocused()
  await expect(rows(page)).toHaveCount(1)
  await expect(page.getByText(say('sessions-alone'))).toBeVisible()
  for (const other of others) {
    expect(await isSignedIn(other)).toBe(false)
    await other.context().close()
  }
  expect(await isSignedIn(page)).toBe(true)
})

test('two pages that sign out the same device both say so', async ({ page, context, browser, say }) => {
  const person = await member()
  const firefox = await elsewhere(browser, say, person, FIREFOX)
  await signIn(page, say, person)
  const second = await context.newPage()
  const name = say('sessions-device', FIREFOX.names)

  for (const each of [page, second]) await each.goto('/sessions')
  for (const each of [page, second]) {
    await ask(each, name).click()
    await press(each, say('sessions-end', { device: name }))
    await expect(notice(each)).toHaveText(say('flash-device-signed-out'))
    await expect(rows(each)).toHaveCount(1)
  }
  await firefox.context().close()
})

test('a device that was signed out from elsewhere cannot sign out the others', async ({ page, browser, say }) => {
  const person = await member()
  const firefox = await elsewhere(browser, say, person, FIREFOX)
  await signIn(page, say, person)
  await page.goto('/sessions')
  await firefox.goto('/sessions')
  await firefox.locator('#panel form > details > summary').click()
  await press(firefox, say('sessions-end-others'))
  await expect(notice(firefox)).toHaveText(say('flash-others-signed-out'))

  await page.locator('#panel form > details > summary').click()
  await press(page, say('sessions-end-others'))

  await expect(page).toShow(say, 'login')
  expect(await isSignedIn(firefox)).toBe(true)
  await firefox.context().close()
})
