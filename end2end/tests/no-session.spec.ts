// A sign-up that creates no session: the sign-in follows, and leads to the target of the sign-up.

import { stranger } from '../support/people'
import { details, signIn } from '../support/steps'
import { expect, fill, notice, press, test } from '../support/test'

test.use({ profile: 'no-session' })

test('a sign-up leads to the sign-in, which leads to where the sign-up was to lead', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration?return_to=/sessions')
  await fill(page, details({ ...person, password: 'short' }))
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })

  await fill(page, { password: person.password })
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)
  await expect(page).toShow(say, 'login')
  await expect(notice(page)).toHaveText(say('flash-registered'))
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('a sign-up that was to lead nowhere ends at the welcome page, and a second one is refused', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(notice(page)).toHaveText(say('flash-registered'))

  await page.goBack()
  await expect(page).toShow(say, 'registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'registration', { failed: true })
  await signIn(page, say, person)
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
})

test('a confirmation that is switched off says so', async ({ page, say }) => {
  const response = await page.goto('/verification')

  expect(response?.status()).toBe(403)
  await expect(page).toShow(say, 'error-closed')
})
