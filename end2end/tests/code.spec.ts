// Sign-in and sign-up with a mailed code in place of a password.

import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import {
  askForAnotherCode,
  askForSignInCode,
  askForSignUpCode,
  details,
  expectNewStart,
  goBackToAddress,
  typeCode,
  typeTooManyWrongCodes,
  typeWrongCode,
} from '../support/steps'
import { addField, change, expect, expectValues, field, fill, flow, fullWidth, message, notice, path, press, summary, test } from '../support/test'

test.use({ profile: 'code' })

test('C10 C26 a mailed code signs in: address, code, done', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login?return_to=/sessions')

  // As a Japanese keyboard writes it, with a space before.
  await fill(page, { identifier: `　${email.replace('@', '＠').toUpperCase()}` })
  expect((await press(page, say('kratos-1010015'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(field(page, 'code')).toBeFocused()
  await expect(message(page, 1010014).locator('bdi')).toHaveText(email)
  await expect(field(page, 'code')).toHaveAccessibleDescription(`${await message(page, 1010014).innerText()} ${say('hint-code')}`)
  for (const limit of ['maxlength', 'pattern']) await expect(field(page, 'code')).not.toHaveAttribute(limit)
  const code = await mailbox.code()
  await fill(page, { code: ` ${fullWidth(code.slice(0, 3))}　${fullWidth(code.slice(3))} ` })
  expect((await press(page, say('login-code-submit'))).status()).toBe(answer.left)

  await expect(page).toHaveURL('/sessions')
  expect(await mailbox.unread()).toEqual([])
  // There is no way back to where the code was typed.
  await page.goBack()
  await expect(page).toHaveURL('/welcome')
  await expect(notice(page)).toHaveText(say('flash-signed-in-already'))
})

test('C32 C34 a wrong code is said, another takes its place, and the first is refused', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login')
  await askForSignInCode(page, say, email)
  const first = await mailbox.code()

  const wrong = await typeWrongCode(page, say('login-code-submit'), first)
  expect(wrong.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 4010008)).toHaveText(say('kratos-4010008'))
  await expect(field(page, 'code')).toHaveValue('')
  expect((await askForAnotherCode(page, say)).status()).toBe(answer.shown)
  const second = await mailbox.code()
  await expect(page.getByRole('main')).toContainText(email)
  await typeCode(page, say('login-code-submit'), first)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(message(page, 4010008)).toHaveText(say('kratos-4010008'))
  await typeCode(page, say('login-code-submit'), second)

  await expect(page).toHaveURL('/welcome')
})

test('what is no code, or was one, is refused', async ({ page, context, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login')
  await askForSignInCode(page, say, email)
  const used = await mailbox.code()
  await typeCode(page, say('login-code-submit'), used)
  await expect(page).toHaveURL('/welcome')
  await context.clearCookies()
  await page.goto('/login')
  await askForSignInCode(page, say, email)

  for (const code of [used, 'abcdef', `${'1'.repeat(300)}`]) {
    await fill(page, { code })
    expect((await press(page, say('login-code-submit'))).status()).toBe(answer.failed)
    await expect(page).toShow(say, 'code', { failed: true })
    await expect(message(page, 4010008)).toHaveText(say('kratos-4010008'))
  }
  for (const code of ['', ' 　']) {
    await fill(page, { code })
    expect((await press(page, say('login-code-submit'))).status()).toBe(answer.failed)
    await expect(page).toShow(say, 'code', { failed: true })
    await expect(field(page, 'code')).toHaveAttribute('aria-invalid', 'true')
  }
  await typeCode(page, say('login-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/welcome')
})

test('C34 after too many wrong codes a sign-in starts again with the address, and says so', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login?return_to=/sessions')
  await askForSignInCode(page, say, email)
  const id = flow(page)

  await typeTooManyWrongCodes(page, say('login-code-submit'), await mailbox.code())

  await expectNewStart(page, say, 'login', id, 'too-often')
  await expect(field(page, 'identifier')).toHaveValue(email)
  await press(page, say('kratos-1010015'))
  await typeCode(page, say('login-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/sessions')
})

test('an unknown address can be corrected, and gets no mail', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  const unknown = stranger().email
  await page.goto('/login')

  await fill(page, { identifier: unknown })
  const response = await press(page, say('kratos-1010015'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page).getByRole('listitem')).toHaveText([say('kratos-4000035')])
  await expect(field(page, 'identifier')).toHaveValue(unknown)
  await askForSignInCode(page, say, email)
  await typeCode(page, say('login-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/welcome')
  expect(await new Mailbox(unknown).unread()).toEqual([])
})

test('an empty address is asked for, and a password still signs in', async ({ page, say, answer }) => {
  const person = await member()
  await page.goto('/login')

  expect((await press(page, say('kratos-1010015'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(field(page, 'identifier')).toHaveAttribute('aria-invalid', 'true')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('C31 the code screen leads back to the address, and keeps where to go', async ({ page, say }) => {
  const [wrong, right] = [await member(), await member()]
  await page.goto('/login?return_to=/sessions')
  await askForSignInCode(page, say, wrong.email)
  await expect(message(page, 1010014).locator('bdi')).toHaveText(wrong.email)

  await goBackToAddress(page, say, 'login', { identifier: wrong.email })
  await askForSignInCode(page, say, right.email)
  await typeCode(page, say('login-code-submit'), await new Mailbox(right.email).code())

  await expect(page).toHaveURL('/sessions')
  await expect(page.getByRole('main')).toContainText(right.email)
})

test('two tabs of one sign-in: the code signs in once, and the other tab goes on', async ({ page, context, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login')
  await askForSignInCode(page, say, email)
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other).toShow(say, 'code')
  const code = await mailbox.code()

  for (const tab of [other, page]) {
    await typeCode(tab, say('login-code-submit'), code)
    await expect(tab).toHaveURL('/welcome')
  }
})

test('foreign fields and a changed address do not sign in to another account', async ({ page, say }) => {
  const [person, victim] = [await member(), await member()]
  const mailbox = new Mailbox(person.email)
  await page.goto('/login')
  await askForSignInCode(page, say, person.email)
  const code = await mailbox.code()

  await change(page, say('login-code-submit'), 'identifier', victim.email)
  for (const [name, value] of [
    ['password', 'x'],
    ['provider', 'nobody'],
    ['totp_code', '000000'],
    ['passkey_login', '{}'],
    ['traits.email', victim.email],
  ]) {
    await addField(page, say('login-code-submit'), name, value)
  }
  await fill(page, { code })
  const response = await press(page, say('login-code-submit'))

  expect(response.status()).toBeLessThan(500)
  await page.goto('/sessions')
  await expect(page.getByRole('main')).not.toContainText(victim.email)
})

test('a sign-up by code: details, code, signed in, address confirmed', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration?return_to=/sessions')

  // Nothing is missing but what the code does not need: the password.
  expect((await press(page, say('kratos-1040006'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page).getByRole('listitem')).toHaveCount(4)
  await expect(field(page, 'password')).not.toHaveAttribute('aria-invalid')
  await askForSignUpCode(page, say, details(person))
  await expect(field(page, 'code')).toBeFocused()
  await expect(message(page, 1040005).locator('bdi')).toHaveText(person.email)
  const first = await mailbox.code()
  await typeWrongCode(page, say('registration-code-submit'), first)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(message(page, 4040003)).toHaveText(say('kratos-4040003'))
  await askForAnotherCode(page, say)
  const second = await mailbox.code()
  await typeCode(page, say('registration-code-submit'), first)
  await expect(page).toShow(say, 'code', { failed: true })
  await fill(page, { code: fullWidth(second) })
  expect((await press(page, say('registration-code-submit'))).status()).toBe(answer.left)

  await expect(page).toHaveURL('/sessions')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
  await expect(page.getByRole('link', { name: say('verification') })).toHaveCount(0)
  expect(await mailbox.unread()).toEqual([])
})

test('C31 the code screen of a sign-up leads back to the details, which can be mended', async ({ page, say }) => {
  const person = stranger()
  const mistyped = { ...person, email: stranger().email }
  await page.goto('/registration?return_to=/sessions')
  await askForSignUpCode(page, say, details(mistyped))
  const id = flow(page)

  await goBackToAddress(page, say, 'registration', details({ ...mistyped, password: '' }))

  expect(flow(page)).not.toBe(id)
  await fill(page, { 'traits.email': person.email })
  await press(page, say('kratos-1040006'))
  await typeCode(page, say('registration-code-submit'), await new Mailbox(person.email).code())
  await expect(page).toHaveURL('/sessions')
})

test('C34 after too many wrong codes a sign-up starts again with the details, and says so', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration')
  await askForSignUpCode(page, say, details(person))
  const id = flow(page)

  await typeTooManyWrongCodes(page, say('registration-code-submit'), await mailbox.code())

  await expectNewStart(page, say, 'registration', id, 'too-often')
  await expectValues(page, details({ ...person, password: '' }))
  await press(page, say('kratos-1040006'))
  await typeCode(page, say('registration-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/welcome')
})

test('details that change between the steps of a sign-up are refused, and no account is made', async ({ page, say, answer }) => {
  const person = stranger()
  const victim = stranger()
  await page.goto('/registration')
  await askForSignUpCode(page, say, details(person))
  const code = await new Mailbox(person.email).code()

  await change(page, say('registration-code-submit'), 'traits.email', victim.email)
  await fill(page, { code })
  const response = await press(page, say('registration-code-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(summary(page)).toContainText(say('kratos-4000036'))
  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome')
})

test('an address that has an account cannot be signed up again', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/registration')

  await askForSignUpCode(page, say, details({ ...stranger(), email }))
  await typeCode(page, say('registration-code-submit'), await new Mailbox(email).code())

  await expect(message(page, 4000007)).toHaveText(say('kratos-4000007'))
  expect(path(page)).toBe('/registration')
})
