// What the tests of web/vote share: vectors, archives, the system's chance where Node 18 hides it.
import { readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { createHash, webcrypto } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

globalThis.crypto ??= webcrypto

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..')
const vectors = path.join(root, 'tests/vectors/belenios')

export const units = ['unit-ed25519', 'unit-b2048'].map(name => JSON.parse(readFileSync(path.join(vectors, `unit/${name}.json`), 'utf8')))

export const secretsOf = name => JSON.parse(readFileSync(path.join(vectors, `${name}.json`), 'utf8'))

// The members of an archive in their order: [{name, text}].
export function membersOf(name) {
  const bytes = readFileSync(path.join(vectors, `${name}.bel`))
  const members = []
  for (let at = 0; at + 512 <= bytes.length;) {
    const field = (from, to) => bytes.subarray(at + from, at + to).toString().replace(/\0.*$/s, '')
    const size = parseInt(field(124, 135), 8)
    members.push({ name: field(0, 100), text: bytes.subarray(at + 512, at + 512 + size).toString() })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return members
}

// {election, trustees, credentials, ballots, tally, decryptions: [{owner, text}]} as texts
export function archiveOf(name) {
  const byName = new Map(membersOf(name).map(one => [one.name.slice(0, 64), one.text]))
  const events = membersOf(name).filter(one => one.name.endsWith('.event.json')).map(one => JSON.parse(one.text))
  const payloads = type => events.filter(one => one.type === type).map(one => byName.get(one.payload))
  const setup = JSON.parse(payloads('Setup')[0])
  const sized = payloads('EncryptedTally').map(text => JSON.parse(text))[0]
  return {
    election: byName.get(setup.election), trustees: byName.get(setup.trustees), credentials: byName.get(setup.credentials),
    ballots: payloads('Ballot'), tally: sized && byName.get(sized.encrypted_tally),
    decryptions: payloads('PartialDecryption').map(text => JSON.parse(text)).map(one => ({ owner: one.owner, text: byName.get(one.payload) })),
  }
}

// A DRAW that gives what was recorded, and complains of more.
export function drawsFrom(list) {
  const left = [...list]
  const draw = () => {
    if (!left.length) throw new Error('more draws than recorded')
    return BigInt(left.shift())
  }
  draw.left = left
  return draw
}

// w of a recorded proof, for whoever knows x.
export const drawOf = (group, proof, x) => (BigInt(proof.response) + x * BigInt(proof.challenge)) % group.q

// --- what the server does, in short, so that an election can be run whole without it ---

const hashText = text => createHash('sha256').update(text).digest('hex')

export class Archive {
  constructor() {
    this.blocks = []
    this.height = 0
    this.add('BELENIOS', JSON.stringify({ version: 1, timestamp: '1700000000' }))
  }

  add(name, text) {
    const body = Buffer.from(text)
    const header = Buffer.alloc(512)
    header.write(name, 0)
    for (const [at, field] of [[100, '0000644'], [108, '0000000'], [116, '0000000']]) header.write(field, at)
    header.write(body.length.toString(8).padStart(11, '0'), 124)
    header.write((1700000000).toString(8).padStart(11, '0'), 136)
    header.write('        ', 148)
    header.write('0', 156)
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148)
    this.blocks.push(header, body, Buffer.alloc((512 - body.length % 512) % 512))
  }

  // TEXTS: the event's data, the payload last; none for an event without.
  event(type, ...texts) {
    for (const text of texts) this.add(`${hashText(text)}.data.json`, text)
    const event = JSON.stringify({ ...(this.height ? { parent: this.parent } : {}), height: this.height, type,
      ...(texts.length ? { payload: hashText(texts[texts.length - 1]) } : {}) })
    this.add(`${hashText(event)}.event.json`, event)
    this.parent = hashText(event)
    this.height++
  }

  setup(election, trustees, credentials) {
    this.event('Setup', election, trustees, credentials,
      JSON.stringify({ election: hashText(election), trustees: hashText(trustees), credentials: hashText(credentials) }))
  }

  bytes() {
    return Buffer.concat(this.blocks)
  }

  write(file) {
    writeFileSync(file, this.bytes())
  }
}

// The last ballot of each credential, summed up.
export function tallyOf(group, ballots) {
  const last = new Map(ballots.map(text => JSON.parse(text)).map(one => [one.credential, one]))
  const sum = (a, b) => ({ alpha: group.multiply(a.alpha, group.decode(b.alpha)), beta: group.multiply(a.beta, group.decode(b.beta)) })
  const zero = { alpha: group.neutral, beta: group.neutral }
  const all = [...last.values()]
  const tally = all[0].answers.map((answer, q) => answer.choices.map((_, c) =>
    all.reduce((made, one) => sum(made, one.answers[q].choices[c]), zero)))
  return { counted: all.length, tally: tally.map(row => row.map(one => ({ alpha: group.encode(one.alpha), beta: group.encode(one.beta) }))) }
}

// Parts: [{index, part}], exactly as many as are needed.
export function resultOf(group, tally, parts) {
  const inverse = x => { // Fermat
    let made = 1n
    for (let base = ((x % group.q) + group.q) % group.q, by = group.q - 2n; by; by >>= 1n, base = base * base % group.q)
      if (by & 1n) made = made * base % group.q
    return made
  }
  const lambda = j => parts.reduce((made, { index: k }) => k === j ? made : made * BigInt(k) % group.q * inverse(BigInt(k - j)) % group.q, 1n)
  return tally.map((row, q) => row.map(({ beta }, c) => {
    const mask = parts.reduce((made, { index, part }) =>
      group.multiply(made, group.power(group.decode(part.decryption_factors[q][c]), lambda(index))), group.neutral)
    const found = group.divide(group.decode(beta), mask)
    for (let r = 0, at = group.neutral; r < 10000; r++, at = group.multiply(at, group.generator)) if (group.equal(at, found)) return r
    throw new Error('no small result')
  }))
}

// threshold_parameters out of what the trustees have sent.
export const parametersOf = (threshold, certs, polynomials, voutputs) => ({ threshold, certs, coefexps: polynomials.map(one => one.coefexps),
  signatures: polynomials.map(one => one.signature), verification_keys: voutputs.map(one => one.public_key) })

export const vinputFor = (index, polynomials) => ({ polynomial: polynomials[index - 1].polynomial, secrets: polynomials.map(one => one.secrets[index - 1]),
  coefexps: polynomials.map(one => one.coefexps), signatures: polynomials.map(one => one.signature) })

// {code, out, said} of a program; SAID: both streams
export function runs(program, words, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, encoding: 'utf8', env: { ...process.env, LANG: 'en_US.UTF-8' } })
  if (error) throw error
  return { code: status, out: stdout, said: stdout + stderr }
}
