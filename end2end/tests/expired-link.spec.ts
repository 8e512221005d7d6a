// Mailed links that are too old while the form that sent them is not.

import { Mailbox } from '../support/mail'
import { newcomer } from '../support/people'
import { CODE_SECONDS } from '../support/places'
import { askForLink } from '../support/steps'
import { expect, path, summary, test } from '../support/test'

test.use({ profile: 'link short-code' })

for (const [kind, told, end] of [
  ['verification', 'kratos-4070005', 'verification-done'],
  ['recovery', 'kratos-4060005', 'settings-password'],
] as const) {
  test(`a link of a ${kind} that is too old does nothing and says so, and another works`, async ({ page, say }) => {
    const { email } = await newcomer()
    const mailbox = new Mailbox(email)
    await page.goto(`/${kind}`)
    await askForLink(page, say, email)
    const link = await mailbox.link()
    await page.waitForTimeout((CODE_SECONDS + 1) * 1000)

    const response = await page.goto(link)

    expect(response?.status()).toBe(200)
    expect(path(page)).toBe(`/${kind}`)
    await expect(page).toShow(say, kind, { failed: true })
    await expect(summary(page)).toContainText(say(told))
    await askForLink(page, say, email)
    await page.goto(await mailbox.link())
    await expect(page).toShow(say, end)
  })
}
