// Forms that are sent as they come, with nothing in them.

import type { Page, Response } from '@playwright/test'
import { member, newcomer } from '../support/people'
import { askForCode, signIn } from '../support/steps'
import { expect, field, fill, notice, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

const isPost = (response: Response) => response.request().method() === 'POST'
const isPage = (response: Response) => response.request().method() === 'GET' && response.request().isNavigationRequest()

/** The summary has the focus, says what stands beside the fields, and leads to each of them. */
async function expectMistakes(page: Page, say: Say, mistakes: number) {
  await expect(summary(page)).toBeFocused()
  await expect(summary(page).getByRole('heading')).toHaveText(say('error-summary'))
  await expect(notice(page)).toHaveCount(0)
  const links = summary(page).getByRole('link')
  await expect(links).toHaveCount(mistakes)
  await expect(page.locator('[aria-invalid=true]')).toHaveCount(mistakes)
  for (const link of await links.all()) {
    const id = (await link.getAttribute('href'))?.slice(1) ?? ''
    await expect(page.locator(`[id="${id}-error"]`)).toHaveText(say('error-prefix') + (await link.innerText()))
    await link.press('Enter')
    await expect(page.locator(`[id="${id}"]`)).toBeFocused()
  }
}

for (const [kind, submit, mistakes] of [
  ['login', 'login', 2],
  ['registration', 'registration-submit', 5],
  ['recovery', 'send-code', 1],
  ['verification', 'send-code', 1],
] as const) {
  test(`C18 C19 C29 an empty form of /${kind} comes back with all that is missing`, async ({ page, say, hasScript }) => {
    await page.goto(`/${kind}`)
    // A plain form is sent on to a page, which is there like any other.
    const shown = page.waitForResponse(response => (hasScript ? isPost(response) : isPage(response)))

    const response = await press(page, say(submit))

    expect([response.status(), (await shown).status()]).toEqual(hasScript ? [422, 422] : [303, 200])
    await expect(page).toShow(say, kind, { failed: true })
    await expectMistakes(page, say, mistakes)
  })
}

for (const [kind, submit] of [
  ['recovery', 'next'],
  ['verification', 'confirm'],
] as const) {
  test(`C18 C19 C29 an empty code of a ${kind} is asked for, and what was said before is not said again`, async ({ page, say, answer }) => {
    const { email } = await newcomer()
    await page.goto(`/${kind}`)
    await askForCode(page, say, email)
    await press(page, say('resend'))
    await expect(notice(page)).toHaveText(say('flash-resent'))

    const response = await press(page, say(submit))

    expect(response.status()).toBe(answer.failed)
    await expect(page).toShow(say, 'code', { failed: true })
    await expectMistakes(page, say, 1)
  })
}

test('C18 C19 C29 an emptied profile comes back with all that is missing, and without the word that it was saved', async ({ page, say, answer }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))

  await fill(page, { 'traits.email': '', 'traits.nickname': '' })
  const response = await press(page, say('save'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-profile', { failed: true })
  await expectMistakes(page, say, 2)
  await expect(field(page, 'traits.nickname')).toHaveValue('')
})

test('C18 C19 an empty new password is asked for', async ({ page, say, answer }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=password')

  const response = await press(page, say('settings-password-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-password', { failed: true })
  await expectMistakes(page, say, 1)
})
