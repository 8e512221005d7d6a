// Mails with links are in the language of the page that asks for them.

import { Mailbox } from '../support/mail'
import { newcomer } from '../support/people'
import { askForLink, choose } from '../support/steps'
import { press, test } from '../support/test'
import { OTHER, TEXTS } from '../support/texts'

test.use({ profile: 'link' })

for (const kind of ['verification', 'recovery'] as const) {
  test(`a link for a ${kind} comes in the language of the page, and the next in that which is chosen then`, async ({
    page,
    say,
    language,
  }) => {
    const other = OTHER[language]
    const { email } = await newcomer()
    const mailbox = new Mailbox(email)
    await page.goto(`/${kind}`)
    await askForLink(page, say, email)
    await mailbox.expectIn(language)

    await choose(page, other)
    await press(page, TEXTS[other]('send-link-again'))

    await mailbox.expectIn(other)
  })
}
