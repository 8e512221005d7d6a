import { Mailbox } from '../support/mail'
import { accounts, newcomer, stranger } from '../support/people'
import {
  askForAnotherCode,
  askForCode,
  confirmAddress,
  expectNewStart,
  expectSameAnswer,
  goBackToAddress,
  signIn,
  signUp,
  typeCode,
  typeTooManyWrongCodes,
  typeWrongCode,
} from '../support/steps'
import { addField, expect, field, fill, flow, message, panel, press, summary, test } from '../support/test'

test('an address is confirmed on any browser: address, code, done', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await expect(page).toShow(say, 'verification')
  const id = flow(page)

  await fill(page, { email })
  expect((await press(page, say('send-code'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(field(page, 'code')).toBeFocused()
  await fill(page, { code: await mailbox.code() })
  expect((await press(page, say('confirm'))).status()).toBe(answer.shown)

  await expect(page).toShow(say, 'verification-done')
  await expect(message(page, 1080002)).toHaveText(say('verification-done-lead'))
  expect(flow(page)).toBe(id)
})

test('a signed-in user finds the link to the verification, and it is gone afterwards', async ({ page, say }) => {
  const person = await newcomer()
  const mailbox = new Mailbox(person.email)
  await signIn(page, say, person)

  await page.getByRole('link', { name: say('verification') }).click()
  await askForCode(page, say, person.email)
  await confirmAddress(page, say, mailbox)

  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
  await expect(page.getByRole('link', { name: say('verification') })).toHaveCount(0)
})

test('C22 an unknown address gets the same answer as a known one, and no mail', async ({ page, say }) => {
  const { email } = await newcomer()

  await expectSameAnswer(email, async address => {
    await page.goto('/verification')
    await askForCode(page, say, address)
    return panel(page)
  })
})

test('C32 another code takes the place of the first', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const first = await mailbox.code()
  await fill(page, { code: '12' })

  expect((await askForAnotherCode(page, say)).status()).toBe(answer.shown)
  const second = await mailbox.code()
  expect((await typeCode(page, say('confirm'), first)).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(message(page, 4070006)).toHaveText(say('kratos-4070006'))
  await typeCode(page, say('confirm'), second)

  await expect(page).toShow(say, 'verification-done')
})

test('another code can be had right after the sign-up', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await signUp(page, say, person)
  const first = await mailbox.code()

  await askForAnotherCode(page, say)
  const second = await mailbox.code()
  await typeCode(page, say('confirm'), first)
  await expect(page).toShow(say, 'code', { failed: true })
  await typeCode(page, say('confirm'), second)

  await expect(page).toShow(say, 'verification-done')
})

test('the enter key confirms the code, and sends no other', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  await fill(page, { code: await mailbox.code() })

  await field(page, 'code').press('Enter')

  await expect(page).toShow(say, 'verification-done')
  expect(await mailbox.unread()).toEqual([])
})

test('C34 a wrong code is said, and the right one is still good', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const code = await mailbox.code()

  const wrong = await typeWrongCode(page, say('confirm'), code)
  expect(wrong.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 4070006)).toHaveText(say('kratos-4070006'))
  await typeCode(page, say('confirm'), code)

  await expect(page).toShow(say, 'verification-done')
})

test('C34 after too many wrong codes it starts again, says so, and sends another', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const id = flow(page)

  await typeTooManyWrongCodes(page, say('confirm'), await mailbox.code())

  await expectNewStart(page, say, 'verification', id, 'too-often')
  await expect(field(page, 'email')).toHaveValue(email)
  await press(page, say('send-code'))
  await expect(page).toShow(say, 'code')
  await confirmAddress(page, say, mailbox)
})

test('a confirmation that is done starts again when its form is sent once more', async ({ page, context, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const code = await mailbox.code()
  const other = await context.newPage()
  await other.goto(page.url())
  await typeCode(other, say('confirm'), code)
  await expect(other).toShow(say, 'verification-done')

  await typeCode(page, say('confirm'), code)

  await expect(page).toHaveURL(/\/verification\?flow=/)
  await expect(field(page, 'email')).toBeVisible()
})

test('a code and an address at once are refused, and neither is used', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const code = await mailbox.code()

  await fill(page, { code })
  await addField(page, say('confirm'), 'email', email)
  const response = await press(page, say('confirm'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toContainText(say('flash-code-or-address'))
  expect(await mailbox.unread()).toEqual([])
  await typeCode(page, say('confirm'), code)
  await expect(page).toShow(say, 'verification-done')
})

test('an empty address is asked for', async ({ page, say, answer }) => {
  await page.goto('/verification')

  const response = await press(page, say('send-code'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'verification', { failed: true })
  await expect(field(page, 'email')).toHaveAttribute('aria-invalid', 'true')
})

test('an empty code is asked for', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await askForCode(page, say, email)

  const response = await press(page, say('confirm'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(field(page, 'code')).toHaveAttribute('aria-invalid', 'true')
})

test('what is no address is refused at its field', async ({ page, say, answer }) => {
  await page.goto('/verification')

  await fill(page, { email: 'nobody' })
  const response = await press(page, say('send-code'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'verification', { failed: true })
  await expect(field(page, 'email')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'email')).toHaveValue('nobody')
})

test('C31 the code screen shows the address, and leads back to it', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await askForCode(page, say, email)
  await expect(message(page, 1080003).locator('bdi')).toHaveText(email)

  await goBackToAddress(page, say, 'verification', { email })
})

test('C26 the code field has the focus, and is read together with where the code was sent', async ({ page, say }) => {
  const { email } = await newcomer()
  const said = say('verification-code-lead', { address: email })
  await page.goto('/verification')

  await askForCode(page, say, email)

  await expect(message(page, 1080003)).toHaveText(said)
  await expect(field(page, 'code')).toBeFocused()
  await expect(field(page, 'code')).toHaveAccessibleDescription(`${said} ${say('hint-code')}`)
})

test('C35 a link with the code in it fills the code in, and confirms nothing by itself', async ({ page, browser, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const { text } = await mailbox.next()
  const code = /^\d{6}$/m.exec(text)![0]
  const { searchParams: query } = new URL(/^http\S+$/m.exec(text)![0])
  expect(query.get('flow')).toBe(flow(page))
  expect(query.get('code')).toBe(code)
  const isVerified = async () => (await accounts(email))[0].verifiable_addresses[0].verified

  // A mail scanner opens it in a browser of its own, and then the user does.
  const scanner = await browser.newContext()
  await (await scanner.newPage()).goto(`/self-service/verification?${query}`)
  await scanner.close()
  for (const way of ['/self-service/verification', '/verification']) {
    await page.goto(`${way}?${query}`)
    await expect(page).toShow(say, 'code')
    await expect(field(page, 'code')).toHaveValue(code)
    expect(await isVerified()).toBe(false)
  }

  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
  expect(await isVerified()).toBe(true)
})
