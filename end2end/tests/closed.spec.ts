// Sign-up, recovery and verification are off: no page leads there.

import { newcomer } from '../support/people'
import { signIn } from '../support/steps'
import { expect, fill, press, test } from '../support/test'

test.use({ profile: 'closed' })

const OFF = 'main a:is([href*="/registration"], [href*="/recovery"], [href*="/verification"])'

test('no page leads to what is off', async ({ page, say }) => {
  const person = await newcomer()
  for (const path of ['/login', '/welcome', '/login?return_to=/sessions']) {
    await page.goto(path)
    await expect(page.locator('h1')).toBeVisible()
    await expect(page.locator(OFF)).toHaveCount(0)
  }

  await page.goto('/login')
  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(page.locator(OFF)).toHaveCount(0)

  await signIn(page, say, person)
  await expect(page.locator(OFF)).toHaveCount(0)
  await page.goto('/settings?section=profile')
  await expect(page).toShow(say, 'settings-profile')
  await expect(page.locator(OFF)).toHaveCount(0)
  await page.goto('/login?refresh=true')
  await expect(page).toShow(say, 'login-again')
  await expect(page.locator('main a[href*="recover"]')).toHaveCount(0)
})

test('the welcome page speaks of no sign-up', async ({ page, say }) => {
  await page.goto('/welcome')
  await expect(page.getByRole('main')).toContainText(say('welcome-lead-closed'))
})
