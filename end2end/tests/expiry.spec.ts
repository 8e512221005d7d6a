// Forms that were left open for too long.

import type { Page } from '@playwright/test'
import { member, stranger } from '../support/people'
import { SHORT_SECONDS } from '../support/places'
import { askForCode, details, expectNewStart, signIn, typeCode } from '../support/steps'
import { expect, expectValues, field, fill, flow, notice, path, press, summary, test } from '../support/test'

test.use({ profile: 'short' })

const leave = (page: Page) => page.waitForTimeout((SHORT_SECONDS + 1) * 1000)

test('C16 C34 C44 a sign-in that comes too late says so, keeps the address, and then works', async ({ page, say, answer }) => {
  const person = await member()
  await page.goto('/login')
  const id = flow(page)
  await fill(page, { identifier: person.email, password: person.password })
  await leave(page)

  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.left)
  await expectNewStart(page, say, 'login', id, 'flash-timed-out')
  await expect(field(page, 'identifier')).toHaveValue(person.email)
  await expect(field(page, 'password')).toHaveValue('')
  await fill(page, { password: person.password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
})

test('a sign-in that comes too late does not lose where it was to lead', async ({ page, say }) => {
  const person = await member()
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
  await leave(page)

  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expect(summary(page)).toContainText(say('flash-timed-out'))
  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('a sign-up that comes too late keeps what was typed, but for the password', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, details(person))
  await leave(page)

  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page)).toContainText(say('flash-timed-out'))
  const { password, ...kept } = details(person)
  await expectValues(page, kept)
  await expect(field(page, 'password')).toHaveValue('')
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
})

for (const kind of ['recovery', 'verification'] as const) {
  test(`C16 an address for a code of /${kind} that comes too late is asked for again, and kept`, async ({ page, say }) => {
    const { email } = await member()
    await page.goto(`/${kind}`)
    await fill(page, { email })
    await leave(page)

    await press(page, say('send-code'))

    await expect(page).toShow(say, kind, { failed: true })
    await expect(field(page, 'email')).toHaveValue(email)
    await press(page, say('send-code'))
    await expect(page).toShow(say, 'code')
  })

  test(`C34 a code of /${kind} that comes too late leads to a new start`, async ({ page, say }) => {
    const { email } = await member()
    await page.goto(`/${kind}`)
    await askForCode(page, say, email)
    const id = flow(page)
    await leave(page)

    await typeCode(page, say(kind === 'recovery' ? 'next' : 'confirm'), '123456')

    await expectNewStart(page, say, kind, id, 'flash-timed-out')
  })
}

test('a change that comes too late starts again in its section', async ({ page, say }) => {
  const { password, ...person } = await member()
  await signIn(page, say, { password, ...person })
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.nickname': 'はなこ' })
  await leave(page)

  await press(page, say('save'))

  await expect(page).toShow(say, 'settings-profile', { failed: true })
  await expect(summary(page)).toContainText(say('flash-timed-out'))
  await expect(field(page, 'traits.nickname')).toHaveValue('はなこ')
  await press(page, say('save'))
  // By now the sign-in is too old for Kratos as well.
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password })
  await press(page, say('continue'))
  await expect(page).toShow(say, 'settings-profile')
  await expect(notice(page)).toContainText(say('settings-saved'))
})

for (const [start, screen] of [
  ['/login', 'login'],
  ['/registration', 'registration'],
  ['/recovery', 'recovery'],
  ['/verification', 'verification'],
] as const) {
  test(`a page of ${start} that is opened again too late has a form that works`, async ({ page, say }) => {
    await page.goto(start)
    const id = flow(page)
    await leave(page)

    await page.reload()

    await expect(page.getByRole('heading', { level: 1 })).toHaveText(say(screen))
    expect(path(page)).toBe(start)
    expect(flow(page)).not.toBe(id)
    await page.reload()
    await expect(page).toShow(say, screen)
  })
}
