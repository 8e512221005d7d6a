// What Genkan's log must not tell, of all that the tests of a stack typed and were mailed.

import { MAIL } from './places'
import { stranger } from './people'
import { genkanLog } from './stack'

/** Numbers of six digits that stand in each log: parts of times and of addresses. */
const isCode = (log: string, code: string) => new RegExp(`(?<![\\d.:])${code}(?![\\d.:Z])`).test(log)

/** What stands in the log and should not. To be asked for while the stack still runs. */
export async function told(profile: string): Promise<string[]> {
  const response = await fetch(`${MAIL}/api/email`)
  const mails = (await response.json()) as { text: string; to: { address: string }[] }[]
  const log = genkanLog(profile)
  const { password } = stranger()
  const words = [password, password.replaceAll(' ', '+'), encodeURIComponent(password), 'ory_kratos_session=', 'csrf_token=']
  const addresses = mails.flatMap(({ to }) => to.map(({ address }) => address))
  const links = mails.flatMap(({ text }) => text.match(/(?<=[?&](?:token|code|flow)=)[\w-]+/g) ?? [])
  const codes = mails.flatMap(({ text }) => text.match(/^\d{6}$/gm) ?? [])
  return [
    ...[...words, ...addresses, ...links].filter(secret => secret.length > 6 && log.includes(secret)),
    ...codes.filter(code => isCode(log, code)),
  ]
}
