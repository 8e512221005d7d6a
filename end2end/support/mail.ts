// Mail as it arrives.

import { expect } from '@playwright/test'
import { MAIL } from './places'

type Mail = { id: string; subject: string; text: string }

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
