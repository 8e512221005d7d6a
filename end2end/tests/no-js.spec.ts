import { Mailbox } from '../support/mail'
import { member, newcomer } from '../support/people'
import { askForCode, signIn, typeCode } from '../support/steps'
import { expect, field, fill, message, notice, press, summary, test } from '../support/test'

test('a wrong password is a redirect, and a reload of the page sends nothing again', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  const before = page.url()
  await fill(page, { identifier: email, password: 'not this one' })

  const response = await press(page, say('login'))

  expect(response.status()).toBe(303)
  await expect(page).toShow(say, 'login', { failed: true })
  expect(page.url()).toBe(before)
  const reloaded = await page.reload()
  expect(reloaded?.request().method()).toBe('GET')
  expect(reloaded?.status()).toBe(200)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
  await expect(summary(page)).toBeFocused()
})

test('a reload of the code screen sends nothing again', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const code = await mailbox.code()

  const reloaded = await page.reload()

  expect(reloaded?.request().method()).toBe('GET')
  await expect(page).toShow(say, 'code')
  await typeCode(page, say('confirm'), code)
  await expect(page).toShow(say, 'verification-done')
  expect(await mailbox.unread()).toEqual([])
})

test('a reload after a change sends nothing again', async ({ page, say }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.nickname': 'タロ' })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))

  const reloaded = await page.reload()

  expect(reloaded?.request().method()).toBe('GET')
  await expect(field(page, 'traits.nickname')).toHaveValue('タロ')
})

test('what only a script can do is not shown', async ({ page }) => {
  await page.goto('/login')

  await expect(page.locator('#net-error')).toBeHidden()
})
