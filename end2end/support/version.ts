// What differs between the versions of Kratos that the tests run against, each in the words of one behaviour.

import type { Page } from '@playwright/test'
import type { Mailbox } from './mail'
import type { Person } from './people'
import { KRATOS_ADMIN } from './places'
import { askForAnotherCode, askForCode, expectNewStart } from './steps'
import { expect, field, flow, message, notice } from './test'
import type { Language, Say } from './texts'

let asked: Promise<string> | undefined

/** The version of the Kratos of this run, as it names itself: `v1.3.1`, `v26.2.0`. */
export const version = (): Promise<string> => (asked ??= ask())

async function ask(): Promise<string> {
  const response = await fetch(`${KRATOS_ADMIN}/admin/version`)
  if (!response.ok) throw new Error(`Kratos does not tell its version: ${await response.text()}`)
  return ((await response.json()) as { version: string }).version
}

/** Whether it is 25.4 or later, which are named after years. */
const isOfTheYears = async (): Promise<boolean> => Number(/\d+/.exec(await version())?.[0]) >= 25

/** The page after a step that mailed a code, without a hook that shows the form for it: the form all the same, or the way to it. */
export async function expectConfirmationWithoutHook(page: Page, say: Say) {
  await expect(page).toShow(say, (await isOfTheYears()) ? 'verification' : 'code')
}

/** Whether a sign-up sends a code to each of several addresses. Later versions send one to one of them. */
export const confirmsEachAddress = async (): Promise<boolean> => !(await isOfTheYears())

/** The mail to a new address of a profile: in the language of the form. Later versions do not hand it on, and the mail has both. */
export const expectMailOfChange = async (mailbox: Mailbox, language: Language) =>
  (await isOfTheYears()) ? mailbox.expectInBoth() : mailbox.expectIn(language)

/**
 * The code for an address that Kratos mailed without a hook that shows the form for it. 1.3.1 leads to the form all the same.
 * Later versions do not name it: the page tells of the mail, and its button sends a code that belongs to the page.
 */
export async function codeWithoutHook(page: Page, say: Say, email: string, mailbox: Mailbox): Promise<string> {
  const first = await mailbox.code()
  if (!(await isOfTheYears())) {
    await expect(page).toShow(say, 'code')
    await expect(message(page, 1080003)).toBeVisible()
    return first
  }
  await expect(page).toShow(say, 'verification')
  await expect(notice(page)).toHaveText(say('flash-confirm-address'))
  await expect(field(page, 'email')).toHaveValue(email)
  expect(await mailbox.unread()).toEqual([])
  await askForCode(page, say, email)
  return mailbox.code()
}

/**
 * After a sign-in with an address that is not confirmed: the form for a code, which is mailed. 1.3.1 refuses the sign-in and the
 * user asks for the code; later versions mail it and lead there.
 */
export async function beSentToConfirm(page: Page, say: Say, { email }: Person) {
  if (!(await isOfTheYears())) {
    await expect(page).toShow(say, 'login', { failed: true })
    await expect(message(page, 4000010)).toHaveText(say('kratos-4000010'))
    await expect(field(page, 'identifier')).toHaveValue(email)
    await page.getByRole('main').getByRole('link', { name: say('verification'), exact: true }).click()
    await expect(page).toShow(say, 'verification')
    await askForCode(page, say, email)
  }
  await expect(page).toHaveURL(/\/verification\?flow=/)
  await expect(page).toShow(say, 'code')
}

/**
 * After the code of a recovery that is too old: the form for another one, which is mailed. 1.3.1 starts the recovery again; later
 * versions call the code wrong, and the form goes on.
 */
export async function recoverAfterLateCode(page: Page, say: Say, email: string, before: string) {
  if (await isOfTheYears()) {
    await expect(page).toShow(say, 'code', { failed: true })
    expect(flow(page)).toBe(before)
    await expect(message(page, 4060006)).toHaveText(say('kratos-4060006'))
    await askForAnotherCode(page, say)
  } else {
    await expectNewStart(page, say, 'recovery', before, 'kratos-4060005')
    await expect(field(page, 'email')).toHaveValue(email)
    await askForCode(page, say, email)
  }
}
