// That the search for secrets in the log, which ends every stack (support/test.ts), would find some.

import { told } from '../support/discretion'
import { Mailbox } from '../support/mail'
import { stranger } from '../support/people'
import { genkanLog } from '../support/stack'
import { details } from '../support/steps'
import { expect, fill, flow, press, test } from '../support/test'

test('what is typed, given and mailed is looked for in the log, and found where it stands there', async ({ page, context, say, secrets, profile }) => {
  const person = stranger()
  await page.goto('/registration')
  const id = flow(page)
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  const typed = [person.email, person.password, person.nickname, id].filter(text => text.length >= 8)
  const cookies = (await context.cookies()).map(cookie => cookie.value)
  const token = await page.locator('input[name="csrf_token"]').first().inputValue()
  await fill(page, { code: await new Mailbox(person.email).code() })
  await press(page, say('confirm'))
  expect([...secrets]).toEqual(expect.arrayContaining([...typed, ...cookies, token]))
  expect(await told(profile, secrets)).toEqual([])
  const [leaked] = genkanLog(profile).match(/\w{8,}/) ?? ['']
  expect(await told(profile, new Set([...secrets, leaked]))).toEqual([leaked])
})
