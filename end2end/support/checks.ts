// The list of checks that the pages are held to, and Playwright's reporter of what became of each in a run. A test is for the
// checks whose numbers its title begins with.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FullConfig, FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter'

/** What each number stands for. */
const CHECKS: Record<string, string> = {
  C01: 'A page says its language and direction, and can be zoomed',
  C02: 'The title is the heading and the name of the service, another on each screen',
  C03: 'One heading, main, header and footer; the skip link comes first and works',
  C04: 'No id twice; a visible label for every field; no placeholder',
  C05: 'The language link says its language, keeps the flow, and is remembered',
  C06: 'Every text in both languages; no English of Kratos on a Japanese page',
  C07: 'axe (WCAG 2.2 AA and good practice) finds nothing, in light and dark, narrow and wide',
  C08: 'The language is that of the browser, else the default; an address with one is stronger',
  C09: 'Each field has its exact attributes',
  C10: 'A code has no length and no pattern; with gaps, hyphens and full-width digits it is taken',
  C11: 'A full-width address is taken; a password goes through as it is typed',
  C12: 'Every field takes what is pasted',
  C13: 'Every form posts, has its token, no browser messages, and a button for Enter',
  C14: 'A username beside every password; a new and a current password never together',
  C15: 'No password and no code in any answer',
  C16: 'The address goes along between sign-in and recovery, after a mistake and after a time-out',
  C17: 'One field for a new password, with its rule beside it and in the error',
  C18: 'An empty form: the title, the summary with the focus',
  C19: 'The summary has a heading and leads to the fields, in the words that stand there',
  C20: 'A field with an error is marked and described by it, and no other',
  C21: 'A wrong password and an unknown address look the same',
  C22: 'A known and an unknown address look the same at recovery and verification',
  C23: 'After a mistake the password is empty and the rest is kept',
  C24: 'At most one element takes the focus',
  C25: 'No error before anything was sent',
  C26: 'After a step the next field has the focus, and its description the notice',
  C27: 'After a change the notice has the focus, and a reload does not repeat it',
  C28: 'The focus never falls back to the page',
  C29: 'Never an error and a notice together',
  C30: 'What has the focus is wholly in sight on 320 × 480 pixels',
  C31: 'An address stands apart, and can be changed with its value kept',
  C32: 'Another code: told, field empty and focused, the old one refused, the new one taken',
  C33: 'Another code right after the first: none mailed, and told',
  C34: 'Wrong, too many wrong, and expired codes each lead on',
  C35: 'A link with a code fills the field in and confirms nothing by itself',
  C36: 'A password can be shown, with a script, by mouse and keys, and that is read out',
  C37: 'What is sent is a password again; it survives a swap',
  C38: 'Passkeys are offered only where there can be any',
  C39: 'A passkey is made, listed with its date, and signs in by button and by the list',
  C40: 'The list of passkeys still signs in after a mistake',
  C41: 'Who cancels stays where they were; a double click asks once',
  C42: 'Removing a key asks first; the last way in stays',
  C43: 'With htmx a form does not leave the page, without it does, and both show the same',
  C44: 'Statuses of both modes',
  C45: 'With htmx a flow ends with a real navigation, and no answer is a redirect',
  C46: 'A double click, or Enter and a click, post once',
  C47: 'History and address stay; Back leaves the flow; a reload shows the step',
  C48: 'Nothing is kept in the browser’s storage',
  C49: 'Offline, too slow, or a foreign answer: the form stays as it was, and that is told',
  C50: 'A form without its nonce still works',
  C51: 'Smuggled markup sends nothing',
  C52: 'The title follows each step',
  C53: 'A GET is always a whole page',
  C54: 'The security headers, exactly, on every kind of answer',
  C55: 'A fresh nonce each time; nothing inline',
  C56: 'No policy is broken on any journey',
  C57: 'csp_evaluator finds nothing; Lighthouse neither',
  C58: 'No way out by a hostile return_to or redirect',
  C59: 'A form that ends on another site works under form-action self',
  C60: 'A form without token, or from elsewhere, is refused in words',
  C61: 'Signing out needs a POST; nothing changes by a GET',
  C62: 'No flow id, code, token or address in logs, referrers or titles',
  C63: 'Nothing is stored, and Back after signing out shows no account',
  C64: 'Markup in what people or providers write is text',
  C65: 'Password managers find the password page; other well-known addresses are 404',
  C66: '320 pixels are wide enough, also for long addresses',
  C67: 'Text twice as large or set wide is not cut off',
  C68: 'Targets are large enough',
  C69: 'Colours differ enough, in both themes and with a brand',
  C70: 'A ring around whatever has the focus',
  C71: 'Strong colours: borders and focus, nothing by colour alone',
  C72: 'Nothing moves for who wants that, nothing for long',
  C73: 'Dark and light by the browser’s wish or by choice, from the server',
  C74: 'From right to left: nothing overflows, no sides in the style, values stay',
  C75: 'No small fields; text can grow',
  C76: 'Backup codes are printed alone',
  C77: 'Keys go in the order of the page',
  C78: 'The first view is small, in few requests, all our own',
  C79: 'The first view is drawn quickly and does not move',
  C80: 'Lighthouse: accessibility and best practices 100',
  C81: 'A part of a page is small, and a mistake loads nothing more',
  C82: 'Without script, without style, and without cookies',
  C83: 'Nothing moves when what needs a script appears',
  C84: 'Hashed files are kept for ever; a second view loads HTML only',
}

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const TABLE = path.join(FOLDER, '../target/checks.md')

export default class Checks implements Reporter {
  private suite?: Suite

  onBegin(_: FullConfig, suite: Suite) {
    this.suite = suite
  }

  /** Writes the table, and fails a whole run in which a check had no test. */
  onEnd(result: FullResult) {
    const tests = this.suite?.allTests() ?? []
    if (!isWhole(tests)) return
    const rows = Object.entries(CHECKS).map(([number, what]) => row(number, what, tests.filter(test => numbers(test).includes(number))))
    const table = ['| check | what | tests | result |', '|---|---|---|---|', ...rows.map(({ text }) => text)].join('\n')
    mkdirSync(path.dirname(TABLE), { recursive: true })
    writeFileSync(TABLE, `${table}\n`)
    console.log(`\n${table}\n\nThis table is in target/checks.md.`)
    const left = rows.filter(({ passed }) => !passed).map(({ number }) => number)
    if (left.length > 0) console.log(`Checks that did not pass: ${left.join(', ')}`)
    const unknown = tests.flatMap(numbers).filter(number => !(number in CHECKS))
    if (unknown.length > 0) console.log(`There are no checks ${unknown.join(', ')}`)
    return left.length > 0 || unknown.length > 0 ? { status: 'failed' as const } : { status: result.status }
  }

  printsToStdio() {
    return false
  }
}

/** The checks that a test is for. */
const numbers = (test: TestCase): string[] => /^(C\d\d )+/.exec(test.title)?.[0].trim().split(' ') ?? []

function row(number: string, what: string, tests: TestCase[]) {
  const count = (outcome: ReturnType<TestCase['outcome']>) => tests.filter(test => test.outcome() === outcome).length
  const passed = count('expected') + count('flaky')
  const failed = count('unexpected')
  const skipped = count('skipped')
  const files = [...new Set(tests.map(({ location }) => path.relative(FOLDER, location.file)))]
  const result = [`${passed} passed`, ...(failed > 0 ? [`**${failed} failed**`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])]
  const cells = [number, what, files.join(', ') || '**none**', tests.length > 0 ? result.join(', ') : '**no test**']
  return { number, text: `| ${cells.join(' | ')} |`, passed: passed > 0 && failed === 0 }
}

/** Whether this is a run of all specs and not of a few. */
function isWhole(tests: TestCase[]): boolean {
  const all = ['gallery', 'tests'].flatMap(folder =>
    readdirSync(path.join(FOLDER, folder))
      .filter(name => name.endsWith('.spec.ts'))
      .map(name => path.join(FOLDER, folder, name)),
  )
  const run = new Set(tests.map(({ location }) => location.file))
  return all.every(file => run.has(file)) && process.argv.every(argument => !/^(-g|--grep)/.test(argument))
}
