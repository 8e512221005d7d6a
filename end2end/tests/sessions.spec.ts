import { member } from '../support/people'
import { signIn } from '../support/steps'
import { expect, test } from '../support/test'

test('the page names the account, since when it is signed in, and until when', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)

  await page.getByRole('link', { name: say('sessions') }).click()

  await expect(page).toShow(say, 'sessions')
  const facts = page.locator('dl')
  await expect(facts).toContainText(person.email)
  const time = (key: string) => facts.locator('div').filter({ has: page.getByText(say(key), { exact: true }) }).locator('time')
  const since = Date.parse((await time('sessions-since').getAttribute('datetime')) ?? '')
  const until = Date.parse((await time('sessions-until').getAttribute('datetime')) ?? '')
  expect(Math.abs(since - Date.now())).toBeLessThan(60_000)
  expect(until - since).toBeGreaterThan(24 * 60 * 60_000)
})

test('times are written in the language of the page', async ({ page, say, language }) => {
  await signIn(page, say, await member())

  await page.goto('/sessions')

  const year = new Date().getUTCFullYear()
  const written = { ja: new RegExp(`${year}年\\d{1,2}月\\d{1,2}日`), en: new RegExp(`\\d{1,2} [A-Z][a-z]+ ${year}`) }
  await expect(page.locator('time').first()).toHaveText(written[language])
})
