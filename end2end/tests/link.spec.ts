// Links in mails instead of codes, and a Kratos that answers a recovery with redirects.

import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { askForLink, details, expectSameAnswer, signIn } from '../support/steps'
import { addField, expect, field, fill, flow, message, NO_FLOW, notice, path, press, summary, test } from '../support/test'

test.use({ profile: 'link' })

/** The link with something else in one of its parameters. */
function tampered(link: string, name: string, value: string): string {
  const url = new URL(link)
  url.searchParams.set(name, value)
  return url.href
}

test('an address is confirmed: address, link, done', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await expect(page).toShow(say, 'verification')
  const id = flow(page)

  expect((await press(page, say('send-link'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'verification', { failed: true })
  await expect(field(page, 'email')).toHaveAttribute('aria-invalid', 'true')
  await fill(page, { email })
  expect((await press(page, say('send-link'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'link-sent')
  await expect(message(page, 1080001)).toHaveText(say('kratos-1080001'))
  const link = await mailbox.link()
  await page.goto(link)
  await expect(page).toShow(say, 'verification-done')
  expect(flow(page)).toBe(id)
  await page.goto(link)

  await expect(page).toShow(say, 'verification', { failed: true })
  await expect(summary(page)).toContainText(say('flash-link-used'))
})

test('the link of a confirmation may be opened in another browser, and asked for again', async ({ page, browser, say, answer }) => {
  const person = await newcomer()
  const mailbox = new Mailbox(person.email)
  await page.goto('/verification')
  await askForLink(page, say, person.email)
  await mailbox.link()
  expect((await press(page, say('send-link-again'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'link-sent')
  await expect(notice(page)).toHaveText(say('flash-link-resent'))

  const elsewhere = await (await browser.newContext()).newPage()
  await elsewhere.goto(await mailbox.link())
  await expect(elsewhere).toShow(say, 'verification-done')
  await elsewhere.context().close()

  // The browser that asked has nothing left to do, and nothing to trip over.
  await page.reload()
  await expect(page).toShow(say, 'verification')
  await signIn(page, say, person)
  await expect(page.getByRole('link', { name: say('verification') })).toHaveCount(0)
})

test('after the sign-up the page says to open the link, which verifies the address', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration?return_to=/sessions')
  await fill(page, details(person))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'link-sent')
  await page.goto(await new Mailbox(person.email).link())
  await expect(page).toShow(say, 'verification-done')
  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
  await expect(page).toHaveURL('/sessions')
})

for (const kind of ['verification', 'recovery'] as const) {
  test(`a link of a ${kind} that was changed confirms nothing, and says so`, async ({ page, say }) => {
    const { email } = await newcomer()
    const mailbox = new Mailbox(email)
    await page.goto(`/${kind}`)
    await askForLink(page, say, email)
    const link = await mailbox.link()

    for (const wrong of [
      tampered(link, 'token', 'x'),
      tampered(link, 'token', `${'x'.repeat(2000)}`),
      tampered(link, 'flow', NO_FLOW),
    ]) {
      const response = await page.goto(wrong)
      expect(response?.status(), wrong).toBe(200)
      await expect(page, wrong).toShow(say, kind, { failed: true })
      await expect(summary(page)).toContainText(say('flash-link-used'))
      expect(path(page)).toBe(`/${kind}`)
    }
    // Half a link is none.
    await page.goto(tampered(link, 'token', ''))
    await expect(page).toShow(say, kind)
    const response = await page.goto(tampered(link, 'flow', 'x'))
    expect(response?.status()).toBe(404)
    await expect(page).toShow(say, 'error-not-found')
  })

  test(`an unknown address gets the same answer as a known one by a ${kind}, and no mail`, async ({ page, say }) => {
    const { email } = await newcomer()

    await expectSameAnswer(email, async address => {
      await page.goto(`/${kind}`)
      await askForLink(page, say, address)
      return page.locator('#panel').innerText()
    })
  })
}

test('a forgotten password is replaced: address, link in another browser, new password', async ({ page, browser, say, answer }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await page.goto('/recovery')
  await expect(page).toShow(say, 'recovery')
  await askForLink(page, say, person.email)
  await expect(message(page, 1060002)).toHaveText(say('kratos-1060002'))
  const link = await mailbox.link()

  const elsewhere = await (await browser.newContext()).newPage()
  await elsewhere.goto(link)
  await expect(elsewhere).toShow(say, 'settings-password')
  await expect(message(elsewhere, 1060001)).toBeVisible()
  await fill(elsewhere, { password: 'short' })
  expect((await press(elsewhere, say('settings-password-submit'))).status()).toBe(answer.failed)
  await expect(elsewhere).toShow(say, 'settings-password', { failed: true })
  await fill(elsewhere, { password: 'something new to remember' })
  expect((await press(elsewhere, say('settings-password-submit'))).status()).toBe(answer.shown)
  await expect(notice(elsewhere)).toHaveText(say('settings-password-saved'))
  await elsewhere.context().close()

  // A link works once, also for the browser that asked for it.
  await page.goto(link)
  await expect(page).toShow(say, 'recovery', { failed: true })
  await expect(summary(page)).toContainText(say('flash-link-used'))
  await signIn(page, say, { ...person, password: 'something new to remember' })
})

test('a second link can be asked for, and a code in its form sends none', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForLink(page, say, email)
  await mailbox.link()
  expect((await press(page, say('send-link-again'))).status()).toBe(answer.shown)
  await expect(notice(page)).toHaveText(say('flash-link-resent'))
  const link = await mailbox.link()

  await addField(page, say('send-link-again'), 'code', '000000')
  expect((await press(page, say('send-link-again'))).status()).toBe(answer.failed)
  await expect(summary(page)).toContainText(say('flash-code-or-address'))
  expect(await mailbox.unread()).toEqual([])
  await page.goto(link)

  await expect(page).toShow(say, 'settings-password')
  // Back to the form of a recovery that is done.
  await page.goBack()
  await expect(page.locator('h1')).toHaveText(say('recovery'))
})
