import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { stranger } from '../support/people'
import { details } from '../support/steps'
import { expect, field, fill, flow, message, notice, press, stored, summary, test } from '../support/test'

// As much as it can be made to say, so that it is known to say nothing that it should not (support/discretion.ts).
test.use({ settings: { RUST_LOG: 'debug' } })

test('C24 C29 C48 C56 a stranger signs up, confirms the address, and finds the way back after forgetting the password', async ({
  page,
  say,
  answer,
}) => {
  test.slow()
  const answers = collectAnswers(page)
  const person = stranger()
  const mailbox = new Mailbox(person.email)

  await test.step('signs up', async () => {
    await page.goto('/')
    await expect(page).toShow(say, 'welcome')
    await page.getByRole('link', { name: say('registration') }).click()
    await expect(page).toShow(say, 'registration')
    await fill(page, details(person))
    expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)
  })

  await test.step('confirms the address with the mailed code', async () => {
    await expect(page).toHaveURL(/\/verification\?flow=/)
    await expect(page).toShow(say, 'code')
    await expect(message(page, 1080003)).toHaveText(say('verification-code-lead', { address: person.email }))
    await expect(field(page, 'code')).toBeFocused()
    const id = flow(page)
    await fill(page, { code: await mailbox.code() })
    expect((await press(page, say('confirm'))).status()).toBe(answer.shown)
    await expect(page).toShow(say, 'verification-done')
    await expect(message(page, 1080002)).toHaveText(say('verification-done-lead'))
    expect(flow(page)).toBe(id)
    await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
    await expect(page).toHaveURL('/welcome')
    await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
    await expect(page.getByRole('main')).not.toContainText(say('verification'))
  })

  await test.step('signs out', async () => {
    await page.getByRole('link', { name: say('logout') }).click()
    await expect(page).toShow(say, 'logout')
    expect((await press(page, say('logout'))).status()).toBe(answer.left)
    await expect(page).toShow(say, 'login')
    await expect(notice(page)).toHaveText(say('flash-signed-out'))
  })

  await test.step('mistypes the password', async () => {
    await fill(page, { identifier: person.email, password: `${person.password}x` })
    expect((await press(page, say('login'))).status()).toBe(answer.failed)
    await expect(page).toShow(say, 'login', { failed: true })
    await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
    await expect(summary(page)).toBeFocused()
    await expect(field(page, 'identifier')).toHaveValue(person.email)
    await expect(field(page, 'password')).toHaveValue('')
  })

  await test.step('signs in', async () => {
    await fill(page, { password: person.password })
    expect((await press(page, say('login'))).status()).toBe(answer.left)
    await expect(page).toHaveURL('/welcome')
  })

  await test.step('changes the nickname', async () => {
    await page.getByRole('link', { name: say('settings') }).click()
    await expect(page).toShow(say, 'settings')
    await page.getByRole('link', { name: say('settings-profile') }).click()
    await expect(page).toShow(say, 'settings-profile')
    await fill(page, { 'traits.nickname': 'タロ' })
    expect((await press(page, say('save'))).status()).toBe(answer.shown)
    await expect(notice(page)).toHaveText(say('settings-saved'))
    await page.goto('/welcome')
    await expect(page).toShow(say, 'welcome-name', { values: { name: 'タロ' } })
  })

  await test.step('changes the password', async () => {
    await page.goto('/settings')
    await page.getByRole('link', { name: say('settings-password') }).click()
    await expect(page).toShow(say, 'settings-password')
    await fill(page, { password: 'another garden in the rain' })
    expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.shown)
    await expect(notice(page)).toHaveText(say('settings-password-saved'))
    await page.goto('/logout')
    await press(page, say('logout'))
    await expect(page).toShow(say, 'login')
  })

  await test.step('forgets it and sets a new one with the mailed code', async () => {
    await page.getByRole('link', { name: say('login-forgot') }).click()
    await expect(page).toShow(say, 'recovery')
    await fill(page, { email: person.email })
    expect((await press(page, say('send-code'))).status()).toBe(answer.shown)
    await expect(page).toShow(say, 'code')
    await expect(message(page, 1060003)).toHaveText(say('recovery-code-lead', { address: person.email }))
    await expect(field(page, 'code')).toBeFocused()
    await fill(page, { code: await mailbox.code() })
    expect((await press(page, say('next'))).status()).toBe(answer.left)
    await expect(page).toHaveURL(/\/settings\?flow=/)
    await expect(page).toShow(say, 'settings-password')
    await expect(message(page, 1060001)).toBeVisible()
    await fill(page, { password: 'a third garden under snow' })
    expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.shown)
    await expect(notice(page)).toHaveText(say('settings-password-saved'))
  })

  await test.step('signs in with the new password', async () => {
    await page.goto('/logout')
    await press(page, say('logout'))
    await fill(page, { identifier: person.email, password: 'a third garden under snow' })
    expect((await press(page, say('login'))).status()).toBe(answer.left)
    await expect(page).toHaveURL('/welcome')
    await expect(page).toShow(say, 'welcome-name', { values: { name: 'タロ' } })
  })

  await test.step('was never pulled two ways, and leaves nothing behind', async () => {
    const htmls = await answers()
    expect(htmls.length).toBeGreaterThan(20)
    for (const html of htmls) {
      expect((html.match(/ autofocus\b/g) ?? []).length, html).toBeLessThanOrEqual(1)
      expect(html.includes('id="error-summary"') && html.includes('id="notice"'), html).toBe(false)
    }
    expect(await stored(page)).toEqual([])
  })
})

/** All pages and panels that are sent to a browser from now on. */
function collectAnswers(page: Page): () => Promise<string[]> {
  const htmls: Promise<string>[] = []
  page.on('response', response => {
    const { 'content-type': type = '', 'content-length': length } = response.headers()
    if (response.status() !== 303 && type.startsWith('text/html') && length !== '0') htmls.push(response.text())
  })
  return () => Promise.all(htmls)
}

test('C56 a breach of the policy is noticed', async ({ page, troubles, hasScript }) => {
  await page.goto('/login')
  await page.route(/\/login\?flow=/, async route => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replace('</main>', '<img src="https://elsewhere.example/x.png"></main>') })
  })

  await page.reload()

  await expect.poll(() => troubles.join()).toContain(hasScript ? 'securitypolicyviolation: img-src' : 'img-src')
  troubles.splice(0)
})

test('C48 what a page keeps is noticed', async ({ page }) => {
  await page.goto('/login')
  await page.evaluate(() => localStorage.setItem('left', 'behind'))

  expect(await stored(page)).toEqual(['left'])
  await page.evaluate(() => localStorage.clear())
})
