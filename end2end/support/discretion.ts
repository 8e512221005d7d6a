// What Genkan's log must not tell, of all that the tests of a stack typed, were given and were mailed.

import type { BrowserContext, Request, Response } from '@playwright/test'
import { logsApart } from './apart'
import { stranger } from './people'
import { MAIL } from './places'
import { genkanLog } from './stack'

/** What a form says that is no secret: which of its buttons was pressed, and choices from a list. */
const HARMLESS = ['method', 'provider', 'link', 'unlink', 'screen', 'resend', 'via', 'choice', 'remember', 'grant_scope']
/** Shorter words stand in a log by chance. */
const MIN = 8

const isCode = (text: string) => /^\d{6}$/.test(text)
/** A day stands at the head of each line. */
const isDay = (text: string) => /^\d{4}-\d\d-\d\d/.test(text)
const isSecret = (text: string) => isCode(text) || (text.length >= MIN && !isDay(text))

/** The number of a request, of which any part may be six digits. */
const ID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g

/** Genkan, that of the stack or one apart from it. */
const isGenkan = (url: string) => new URL(url).hostname === 'localhost' && !url.startsWith(MAIL)

/** Remembers what a browser sends to Genkan and what cookies it gets. */
export function remember(context: BrowserContext, secrets: Set<string>) {
  const add = (values: Iterable<string>) => {
    for (const value of values) if (isSecret(value)) secrets.add(value)
  }
  context.on('request', request => add(sent(request)))
  context.on('response', async response => add(await given(response)))
}

/** The fields of a form, and of an address what leads into a flow or belongs to a sign-in elsewhere. */
function* sent(request: Request): Iterable<string> {
  if (!isGenkan(request.url())) return
  const query = new URL(request.url()).searchParams
  for (const name of ['flow', 'code', 'token', 'state', 'login_challenge', 'consent_challenge']) yield query.get(name) ?? ''
  if (request.method() !== 'POST') return
  for (const [name, value] of new URLSearchParams(request.postData() ?? '')) if (!HARMLESS.includes(name)) yield value
}

/** The values of the cookies of an answer. A page that is gone has none. */
async function given(response: Response): Promise<string[]> {
  if (!isGenkan(response.url())) return []
  const cookies = await response.headerValues('set-cookie').catch(() => [])
  return cookies.map(cookie => cookie.split(';')[0]!.split('=').slice(1).join('='))
}

/** What stands in the log and should not. To be asked for while the stack still runs. */
export async function told(profile: string, secrets: Set<string>): Promise<string[]> {
  const response = await fetch(`${MAIL}/api/email`)
  const mails = (await response.json()) as { text: string; to: { address: string }[] }[]
  const log = genkanLog(profile) + logsApart()
  const addresses = mails.flatMap(({ to }) => to.map(({ address }) => address))
  const links = mails.flatMap(({ text }) => text.match(/(?<=[?&](?:token|code|flow)=)[\w-]+/g) ?? [])
  const codes = mails.flatMap(({ text }) => text.match(/^\d{6}$/gm) ?? [])
  const withoutIds = log.replace(ID, '')
  const all = [...secrets, stranger().password, ...addresses, ...links, ...codes]
  const isTold = (secret: string) =>
    isCode(secret)
      ? // Such numbers stand in each log: parts of times and of addresses.
        new RegExp(`(?<![\\d.:])${secret}(?![\\d.:Z])`).test(withoutIds)
      : [secret, encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)].some(it => log.includes(it))
  return ['ory_kratos_session=', 'csrf_token=', ...all].filter(isTold)
}
