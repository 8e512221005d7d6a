// A line between Genkan and Kratos that fails as a test wants it to.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What becomes of a request. */
export type Fault =
  /** It is answered. */
  | 'none'
  /** The connection fails. */
  | 'cut'
  /** It is heard, and never answered. */
  | 'silent'
  /** The answer is late. */
  | 'slow'
  /** The answer is no HTTP. */
  | 'garbage'
  /** The answer ends in the middle. */
  | 'half'
  /** Whatever stands before Kratos has no time. */
  | 'busy'

const LATE = 1500
const BUSY = 'HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy'

export class Line {
  fault: Fault = 'none'
  readonly #server: Server
  readonly #taken = new Set<Socket>()
  readonly #sockets = new Set<Socket>()

  private constructor(target: number) {
    this.#server = createServer(socket => this.#take(socket, target))
  }

  /** A line to the listener on this port. It works at first. */
  static async to(target: number): Promise<Line> {
    const line = new Line(target)
    line.#server.listen(0, '127.0.0.1')
    await once(line.#server, 'listening')
    return line
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many are connected. */
  get connections(): number {
    return this.#taken.size
  }

  /** Fails from now on in this way. Existing connections are closed. */
  become(fault: Fault) {
    this.fault = fault
    for (const socket of this.#sockets) socket.destroy()
  }

  async end() {
    this.become('cut')
    this.#server.close()
    await once(this.#server, 'close')
  }

  #take(socket: Socket, target: number) {
    this.#keep(socket)
    this.#taken.add(socket)
    socket.on('close', () => this.#taken.delete(socket))
    switch (this.fault) {
      case 'cut':
        return socket.destroy()
      case 'silent':
        return socket.resume()
      case 'garbage':
        return socket.once('data', () => socket.end('This is no HTTP.\r\n\r\n'))
      case 'busy':
        return socket.once('data', () => socket.end(BUSY))
      case 'none':
      case 'slow':
      case 'half':
        return this.#join(socket, target, this.fault)
    }
  }

  #join(socket: Socket, target: number, fault: 'none' | 'slow' | 'half') {
    const kratos = connect(target, '127.0.0.1')
    this.#keep(kratos)
    socket.pipe(kratos)
    kratos.on('data', answer => {
      if (fault === 'half') socket.end(answer.subarray(0, answer.length / 2), () => kratos.destroy())
      else if (fault === 'slow') setTimeout(() => socket.write(answer), LATE)
      else socket.write(answer)
    })
    kratos.on('close', () => socket.end())
    socket.on('close', () => kratos.destroy())
  }

  #keep(socket: Socket) {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // A broken line is what these are for.
    socket.on('error', () => {})
  }
}
