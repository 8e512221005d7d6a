import { Mailbox } from '../support/mail'
import { member } from '../support/people'
import {
  askForAnotherCode,
  askForCode,
  expectNewStart,
  expectSameAnswer,
  goBackToAddress,
  recover,
  signIn,
  signOut,
  typeCode,
  typeTooManyWrongCodes,
  typeWrongCode,
} from '../support/steps'
import { addField, expect, field, fill, flow, message, notice, panel, press, summary, test } from '../support/test'

test('a forgotten password is replaced: address, code, new password', async ({ page, say, answer }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await page.goto('/login')
  await page.getByTestId('forgot-password-link').click()
  await expect(page).toShow(say, 'recovery')

  await fill(page, { email: person.email })
  expect((await press(page, say('send-code'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(field(page, 'code')).toBeFocused()
  await fill(page, { code: await mailbox.code() })
  expect((await press(page, say('next'))).status()).toBe(answer.left)
  await expect(page).toShow(say, 'settings-password')
  await expect(message(page, 1060001)).toBeVisible()
  await fill(page, { password: 'something new to remember' })
  expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.shown)

  await expect(page).toShow(say, 'settings-password')
  await expect(notice(page)).toHaveText(say('settings-password-saved'))
  await signOut(page, say)
  await signIn(page, say, { ...person, password: 'something new to remember' })
})

test('a new password that is too short is refused where it is typed', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  await recover(page, say, mailbox)

  await fill(page, { password: 'short' })
  const response = await press(page, say('settings-password-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-password', { failed: true })
  await expect(field(page, 'password')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'password')).toHaveValue('')
})

test('C22 an unknown address gets the same answer as a known one, and no mail', async ({ page, say }) => {
  const { email } = await member()

  await expectSameAnswer(email, async address => {
    await page.goto('/recovery')
    await askForCode(page, say, address)
    return panel(page)
  })
})

test('C32 another code takes the place of the first', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const first = await mailbox.code()
  await fill(page, { code: '12' })

  expect((await askForAnotherCode(page, say)).status()).toBe(answer.shown)
  const second = await mailbox.code()
  expect((await typeCode(page, say('next'), first)).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(message(page, 4060006)).toHaveText(say('kratos-4060006'))
  await typeCode(page, say('next'), second)

  await expect(page).toShow(say, 'settings-password')
})

test('C34 after too many wrong codes it starts again, says so, and sends another', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const id = flow(page)

  await typeTooManyWrongCodes(page, say('next'), await mailbox.code())

  await expectNewStart(page, say, 'recovery', id, 'too-often')
  await expect(field(page, 'email')).toHaveValue(email)
  await press(page, say('send-code'))
  await expect(page).toShow(say, 'code')
  await recover(page, say, mailbox)
})

test('a completed recovery says that it is done', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const done = page.url()
  await recover(page, say, mailbox)

  await page.goto(done)

  await expect(page).toShow(say, 'recovery')
  await expect(page.getByRole('main')).toContainText(say('recovery-done-lead'))
  await page.getByRole('link', { name: say('settings-password') }).click()
  await expect(page).toShow(say, 'settings-password')
})

test('a signed-in user can set a new password without a code', async ({ page, say }) => {
  await signIn(page, say, await member())

  await page.goto('/recovery')

  await expect(page).toHaveURL(/\/settings\?.*section=password/)
  await expect(page).toShow(say, 'settings-password')
})

test('a code and an address at once are refused, and neither is used', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const code = await mailbox.code()

  await fill(page, { code })
  await addField(page, say('next'), 'email', email)
  const response = await press(page, say('next'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toContainText(say('flash-code-or-address'))
  await typeCode(page, say('next'), code)
  await expect(page).toShow(say, 'settings-password')
  expect(await mailbox.unread()).toEqual([])
})

test('an empty address is asked for', async ({ page, say, answer }) => {
  await page.goto('/recovery')

  const response = await press(page, say('send-code'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'recovery', { failed: true })
  await expect(field(page, 'email')).toHaveAttribute('aria-invalid', 'true')
})

test('an empty code is asked for', async ({ page, say, answer }) => {
  const { email } = await member()
  await page.goto('/recovery')
  await askForCode(page, say, email)

  const response = await press(page, say('next'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(field(page, 'code')).toHaveAttribute('aria-invalid', 'true')
})

test('what is no address is refused at its field', async ({ page, say, answer }) => {
  await page.goto('/recovery')

  await fill(page, { email: 'nobody' })
  const response = await press(page, say('send-code'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'recovery', { failed: true })
  await expect(field(page, 'email')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'email')).toHaveValue('nobody')
})

test('C26 the code field has the focus, and is read together with where the code was sent', async ({ page, say }) => {
  const { email } = await member()
  const said = say('recovery-code-lead', { address: email })
  await page.goto('/recovery')

  await askForCode(page, say, email)

  await expect(message(page, 1060003)).toHaveText(said)
  await expect(field(page, 'code')).toBeFocused()
  await expect(field(page, 'code')).toHaveAccessibleDescription(`${said} ${say('hint-code')}`)
})

test('C31 the code screen shows the address, and leads back to it', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/recovery')
  await askForCode(page, say, email)
  await expect(message(page, 1060003).locator('bdi')).toHaveText(email)

  await goBackToAddress(page, say, 'recovery', { email })
})

test('C34 a wrong code is said, and the right one is still good', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const code = await mailbox.code()

  const wrong = await typeWrongCode(page, say('next'), code)
  expect(wrong.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 4060006)).toHaveText(say('kratos-4060006'))
  await typeCode(page, say('next'), code)

  await expect(page).toShow(say, 'settings-password')
})

test('C16 the address of a sign-in stands in the recovery, and that of the recovery in the sign-in', async ({ page, say }) => {
  const [first, second] = [await member(), await member()]
  await page.goto('/login')
  await fill(page, { identifier: first.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })

  await page.getByTestId('forgot-password-link').click()
  await expect(page).toShow(say, 'recovery')
  await expect(field(page, 'email')).toHaveValue(first.email)
  await askForCode(page, say, second.email)
  await page.goto('/login')

  await expect(page).toShow(say, 'login')
  await expect(field(page, 'identifier')).toHaveValue(second.email)
  await expect(field(page, 'password')).toBeFocused()
})

test('C29 what was said well is not said again beside what is wrong', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/recovery')
  await askForCode(page, say, email)
  await recover(page, say, new Mailbox(email))
  await expect(notice(page)).toBeVisible()
  await expect(summary(page)).toHaveCount(0)

  await fill(page, { password: 'short' })
  await press(page, say('settings-password-submit'))

  await expect(page).toShow(say, 'settings-password', { failed: true })
  await expect(notice(page)).toHaveCount(0)
})
