// What Lighthouse says of the pages that people meet first. Its figures for speed are printed and not judged: they are those
// of this machine.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from '@playwright/test'
import lighthouse from 'lighthouse'
import { freePort } from '../support/apart'
import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { signIn } from '../support/steps'
import { expect, test } from '../support/test'

/** What it checks and does not count: how a page guards itself. HSTS is for https only. */
const GUARDS = ['csp-xss', 'trusted-types-xss', 'clickjacking-mitigation', 'origin-isolation']

/** A hole in the policy for browsers that know no nonces, and that cannot show the pages anyway. */
const FOR_OLD_BROWSERS = "adding `'unsafe-inline'` (ignored by browsers supporting nonces"

test('C57 C79 C80 Lighthouse finds no fault, and nothing that moves', async ({ say, launchOptions, language }) => {
  test.setTimeout(300_000)
  const person = await member()
  const port = await freePort()
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-lighthouse-'))
  // Lighthouse opens pages of its own, in the browser that is signed in.
  const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`]
  const context = await chromium.launchPersistentContext(folder, { ...launchOptions, args, baseURL: GENKAN, locale: language })
  const page = await context.newPage()

  const login = await audit(port, '/login')
  const registration = await audit(port, '/registration')
  await signIn(page, say, person)
  const settings = await audit(port, '/settings?section=profile')

  await context.close()
  rmSync(folder, { recursive: true, force: true })
  for (const [name, { faults, scores, figures }] of Object.entries({ login, registration, settings })) {
    console.log(`Lighthouse, ${name}: ${figures.join(', ')}`)
    expect(faults, name).toEqual([])
    expect(scores, name).toEqual({ accessibility: 1, 'best-practices': 1 })
  }
})

/** One page under Lighthouse's small telephone on a slow line. */
async function audit(port: number, address: string) {
  const onlyCategories = ['performance', 'accessibility', 'best-practices']
  const options = { port, onlyCategories, disableStorageReset: true, logLevel: 'silent' } as const
  let result = await lighthouse(GENKAN + address, options)
  // A page of a busy machine may not have been drawn when Lighthouse stops to wait.
  if (result?.lhr.runtimeError) result = await lighthouse(GENKAN + address, options)
  if (!result || result.lhr.runtimeError) throw new Error(`Lighthouse did not run: ${result?.lhr.runtimeError?.message}`)
  const { audits, categories, finalDisplayedUrl } = result.lhr
  expect(finalDisplayedUrl).toContain(address.split('?')[0])
  const number = (id: string) => audits[id]?.numericValue ?? Number.NaN
  const guards = GUARDS.flatMap(id => {
    const { items = [] } = (audits[id]?.details ?? {}) as { items?: { description?: string }[] }
    return items.map(({ description }) => description ?? id).filter(text => !text.includes(FOR_OLD_BROWSERS))
  })
  const isMoving = !(number('cumulative-layout-shift') <= 0.02)
  return {
    faults: [...guards, ...(isMoving ? ['cumulative-layout-shift'] : []), ...failed(result.lhr)],
    scores: {
      accessibility: categories['accessibility']?.score,
      'best-practices': categories['best-practices']?.score,
    },
    figures: [
      `performance ${Math.round((categories['performance']?.score ?? 0) * 100)}`,
      `largest paint ${Math.round(number('largest-contentful-paint'))} ms`,
      `blocked ${Math.round(number('total-blocking-time'))} ms`,
      `moved ${number('cumulative-layout-shift')}`,
    ],
  }
}

type Report = NonNullable<Awaited<ReturnType<typeof lighthouse>>>['lhr']

/** What is not as it should be for access or by good practice. */
const failed = ({ categories, audits }: Report): string[] =>
  ['accessibility', 'best-practices'].flatMap(id =>
    (categories[id]?.auditRefs ?? [])
      .filter(({ id, weight }) => weight > 0 && audits[id]?.score === 0)
      .map(({ id }) => `${id}: ${audits[id]?.title}`),
  )
