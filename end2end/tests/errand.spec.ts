// The target of a flow survives a form that cannot continue, because another tab was faster or
// replaced its cookies.

import { Mailbox } from '../support/mail'
import { member } from '../support/people'
import { askForCode, expectNewStart, signIn, signOut, typeCode } from '../support/steps'
import { expect, field, fill, flow, path, press, summary, test } from '../support/test'

test('a sign-in that another tab has done already goes on to where it was to lead', async ({ page, context, say, answer }) => {
  const person = await member()
  await page.goto('/login?return_to=/sessions')
  await signIn(await context.newPage(), say, person)

  await fill(page, { identifier: person.email, password: person.password })
  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.left)
  await expect(page).toHaveURL('/sessions')
  await expect(page).toShow(say, 'sessions')
})

test('a sign-in whose cookies another tab has changed starts again, and then leads where it was to', async ({
  page,
  context,
  say,
  answer,
}) => {
  const person = await member()
  await page.goto('/login?return_to=/sessions')
  const id = flow(page)
  const other = await context.newPage()
  await signIn(other, say, await member())
  await signOut(other, say)

  await fill(page, { identifier: person.email, password: person.password })
  expect((await press(page, say('login'))).status()).toBe(answer.left)
  await expectNewStart(page, say, 'login', id, 'flash-started-again')
  await expect(field(page, 'identifier')).toHaveValue(person.email)
  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
  await expect(page.getByRole('main')).toContainText(person.email)
})

test('a confirmation whose cookies another tab has changed is asked for again', async ({ page, context, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/login?refresh=true&return_to=/sessions')
  await expect(page).toShow(say, 'login-again')
  const other = await context.newPage()
  await signOut(other, say)
  await signIn(other, say, person)

  await fill(page, { password: person.password })
  await press(page, say('continue'))
  await expect(page).toShow(say, 'login-again', { failed: true })
  await expect(summary(page)).toContainText(say('flash-started-again'))
  await fill(page, { password: person.password })
  await press(page, say('continue'))

  await expect(page).toHaveURL('/sessions')
})

for (const [kind, submit, end] of [
  ['recovery', 'next', 'settings-password'],
  ['verification', 'confirm', 'verification-done'],
] as const) {
  test(`a ${kind} whose cookies another tab has changed starts again with the address, and goes on`, async ({ page, context, say }) => {
    const person = await member()
    const mailbox = new Mailbox(person.email)
    await page.goto(`/${kind}`)
    const other = await context.newPage()
    await signIn(other, say, person)
    await signOut(other, say)

    await fill(page, { email: person.email })
    await press(page, say('send-code'))
    await expect(page).toShow(say, kind, { failed: true })
    expect(path(page)).toBe(`/${kind}`)
    await expect(field(page, 'email')).toHaveValue(person.email)
    await askForCode(page, say, person.email)
    await typeCode(page, say(submit), await mailbox.code())

    await expect(page).toShow(say, end)
  })
}
