// Mail as it arrives.

import { expect } from '@playwright/test'
import { MAIL } from './places'
import type { Language } from './texts'

type Mail = { id: string; subject: string; text: string; html: string }

/** The mails to one address, each read once. */
export class Mailbox {
  readonly #address: string
  readonly #read = new Set<string>()

  constructor(address: string) {
    this.#address = address
  }

  /** The code in the next mail. */
  async code(): Promise<string> {
    const { text } = await this.next()
    const code = /^\d{6}$/m.exec(text)?.[0]
    if (!code) throw new Error(`a mail without a code: ${text}`)
    return code
  }

  /** The link in the next mail. */
  async link(): Promise<string> {
    const { text } = await this.next()
    const link = /^http\S+$/m.exec(text)?.[0]
    if (!link) throw new Error(`a mail without a link: ${text}`)
    return link
  }

  /** Whether the next mail is in this language, and in no other: its subject, its text, its HTML. */
  async expectIn(language: Language) {
    const { subject, text, html } = await this.next()
    expect(html).toContain(`<html lang="${language}">`)
    for (const part of [subject, text, html.replaceAll(/<[^>]*>/g, '')]) {
      // Addresses and codes are in none.
      const words = part.replaceAll(this.#address, '').replaceAll(/http\S+|[\s\d]+/g, '')
      expect(words).toMatch(language === 'ja' ? /^[^a-z]+$/i : /^[\x20-\x7e’]+$/)
    }
  }

  /** Whether the next mail has both languages. */
  async expectInBoth() {
    const { subject, text, html } = await this.next()
    for (const part of [subject, text, html]) expect(part).toMatch(/[ぁ-ん][^]*[a-z]/)
    expect(html).toContain('<div lang="en">')
  }

  /** The next mail, for which this waits. */
  async next(): Promise<Mail> {
    let mail: Mail | undefined
    const arrives = async () => {
      mail = (await this.unread())[0]
      return mail
    }
    await expect.poll(arrives, { message: `a mail to ${this.#address}`, timeout: 30_000 }).toBeTruthy()
    this.#read.add(mail!.id)
    return mail!
  }

  /** What has come and was not asked for yet, oldest first. */
  async unread(): Promise<Mail[]> {
    const response = await fetch(`${MAIL}/api/email?${new URLSearchParams({ 'to.address': this.#address })}`)
    const mails = (await response.json()) as Mail[]
    return mails.filter(mail => !this.#read.has(mail.id))
  }
}
