// A password is forgotten where it is asked for once more: the way out is a recovery, which comes back.

import { Mailbox } from '../support/mail'
import { member } from '../support/people'
import { signIn } from '../support/steps'
import { expect, field, fill, notice, press, test } from '../support/test'

test('a forgotten password leads from a confirmation to a recovery, and back to where it was asked for', async ({ page, say }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await signIn(page, say, person)
  await page.goto('/login?refresh=true&return_to=/sessions')
  await expect(page).toShow(say, 'login-again')
  await page.getByRole('link', { name: say('login-forgot'), exact: true }).click()

  await expect(page).toShow(say, 'recovery')
  await expect(page.getByRole('main')).toContainText(say('logout-recover-lead'))
  await press(page, say('logout-recover'))
  await expect(page).toHaveURL(/\/recovery\?/)
  await expect(notice(page)).toHaveText(say('flash-signed-out'))
  await expect(field(page, 'email')).toHaveValue(person.email)
  await press(page, say('send-code'))
  await expect(page).toShow(say, 'code')
  await fill(page, { code: await mailbox.code() })
  await press(page, say('next'))
  await expect(page).toShow(say, 'settings-password')
  await fill(page, { password: 'another garden at dawn' })
  await press(page, say('settings-password-submit'))

  await expect(page).toHaveURL('/sessions')
  await expect(page).toShow(say, 'sessions')
})

test('a confirmation whose password is forgotten can be left without signing out', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/login?refresh=true')
  await page.getByRole('link', { name: say('login-forgot'), exact: true }).click()
  await page.getByRole('link', { name: say('logout-stay'), exact: true }).click()

  await expect(page).toHaveURL('/welcome')
  await expect(page.getByRole('main')).toContainText(say('welcome-signed-in'))
})
