// A house for the scripts of secret ballots alone: serves the parts of src/systems/ballots/views as pages and does with what comes in what
// the server does, in memory and in short. Here connections can be lost and messages exchanged, which a good server never does.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Archive, parametersOf, resultOf, tallyOf, vinputFor } from '../../web/lib.js'
import { base64Of, hashOf, hexOf } from '../../../web/vote/bytes.js'
import { groupOf } from '../../../web/vote/group.js'

const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const TYPES = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' }
const SIZE = 3, THRESHOLD = 2

export class VoteHouse {
  // SCRIPT: the bundle that the build made
  static async make(root, script, group, { questions, roll, uuid = 'BrowserTest2Vote' }) {
    const house = Object.assign(new VoteHouse(), { root, script, group: groupOf(group), questions, uuid, number: '510182115002-TP-2026-0001',
      title: '文化广场怎么改', roll: roll.map((name, at) => ({ number: at + 1, name })), certs: [], polynomials: [], voutputs: [], ballots: [], spoiled: [],
      parts: [], requests: [], isOpen: true, refuse: null, token: 'token' })
    const catalogue = readFileSync(path.join(root, 'po/zh_CN.po'), 'utf8')
    house.texts = Object.fromEntries([...catalogue.matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)].map(([, key, said]) => [key, said]))
    house.server = createServer((request, response) => house.answer(request, response))
    house.server.listen(0, '127.0.0.1')
    await once(house.server, 'listening')
    house.address = `http://127.0.0.1:${house.server.address().port}`
    return house
  }

  async stop() {
    this.server.closeAllConnections?.()
    this.server.close()
  }

  // --- pages ---

  view(name, fields) {
    const text = readFileSync(path.join(this.root, 'src/systems/ballots/views', `${name}.mustache`), 'utf8')
    return text.replace(/\{\{!.*?\}\}/gs, '').replace(/\{\{>(\w+)\}\}/g, (_, part) => this.view(part, fields))
      .replace(/\{\{t\.([^{}]+)\}\}/g, (_, key) => this.texts[key].replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;'))
      .replace(/\{\{asset\.([^{}]+)\}\}/g, '/static/$1').replace(/\{\{([^{}]+)\}\}/g, (_, field) => fields[field])
  }

  page(name, action, slip) {
    const view = this.view(`vote_${name}`, { action, slip, 'poll.href': action.replace(/\/[^/]*$/, ''), 'frame.csrf': this.token })
    return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>${this.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/static/mark.svg"></head><body><main id="main" class="sheet"><h1>${this.title}</h1>${view}</main></body></html>`
  }

  async answer(request, response) {
    let body = ''
    for await (const piece of request) body += piece
    const address = new URL(request.url, this.address)
    this.requests.push({ method: request.method, url: request.url, body, headers: JSON.stringify(request.headers) })
    const send = (status, type, text) => response.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': POLICY }).end(text)
    const json = (status, model) => send(status, 'application/json', JSON.stringify(model))
    try {
      const [, , , part] = address.pathname.split('/')
      if (address.pathname.startsWith('/static/')) {
        const name = path.basename(address.pathname)
        return send(200, TYPES[path.extname(name)], readFileSync(name === 'vote.js' ? this.script : path.join(this.root, 'web', name)))
      }
      if (part === 'public_creds.json') return json(200, this.credentials)
      if (['election.json', 'trustees.json'].includes(part)) {
        const text = this[part.slice(0, -5)]
        return text ? send(200, 'application/json', text) : json(404, { said: '还没有' })
      }
      if (part === 'archive.bel') return response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(this.record().bytes())
      const isFound = tracker => this.ballots.some(ballot => base64Of(hashOf(ballot)) === tracker)
      if (part === 'tracking') return json(200, { found: isFound(address.searchParams.get('tracker')) })
      const who = Number(/who=(\d+)/.exec(request.headers.cookie)?.[1] ?? 0)
      const shown = slip => /json/.test(request.headers.accept) ? json(200, this.model(part, who, slip))
        : send(200, 'text/html; charset=utf-8', this.page(part, address.pathname, slip))
      if (request.method !== 'POST') return shown('')
      if (this.refuse?.(part, body)) return request.socket.destroy()
      const fields = new URLSearchParams(body)
      if (fields.get('csrf') !== this.token) return json(403, { said: '这一页放得太久了', next: '' })
      if (fields.has('slip') && !fields.has('ballot') && !fields.has('spoil')) return shown(fields.get('slip'))
      this.take(part, fields, who)
      return json(200, {})
    } catch (error) {
      return json(409, { said: error.message, next: '' })
    }
  }

  // --- models ---

  model(part, who, slip) {
    const { number, title, uuid } = this
    const group = this.group.name
    const about = { frame: { csrf: this.token }, poll: { number, title, state: { key: this.election ? 'open' : 'preparing' } }, uuid, group }
    if (part === 'keys') return { ...about, ...this.keysModel(who), name: `开票人${who}`, trustees: [1, 2, 3].map(at => ({ name: `开票人${at}`,
      certificate: !!this.certs[at - 1], polynomial: !!this.polynomials[at - 1], share: !!this.voutputs[at - 1] })) }
    const booth_address = `${this.address}/ballots/${number}/booth`
    if (part === 'credentials') return { ...about, roll: this.roll, booth_address, done: !!this.credentials }
    if (part === 'booth') return { ...about, election: this.election, is_open: this.isOpen, may_vote: this.isOpen && (!slip || slip === 'AB12CD') }
    if (part === 'audit') return { ...about, election: this.election }
    const { private_key, public_key } = this.voutputs[who - 1]
    return { ...about, owner: who, is_my_turn: true, done: !!this.parts.find(one => one.index === who), private_key,
      verification_key: public_key.public_key, fingerprint: base64Of(hashOf(this.election)), encrypted_tally: this.tally }
  }

  stepOf(index) {
    return !this.certs[index - 1] ? 1 : !this.polynomials[index - 1] ? 3 : !this.voutputs[index - 1] ? 5 : 'done'
  }

  keysModel(index) {
    const step = this.stepOf(index)
    const isFull = list => list.filter(Boolean).length === SIZE
    const waits = (step === 3 && !isFull(this.certs)) || (step === 5 && !isFull(this.polynomials))
    return { step, waits, index, size: SIZE, threshold: THRESHOLD, certs: isFull(this.certs) ? this.certs : undefined,
      vinput: isFull(this.polynomials) ? vinputFor(index, this.polynomials) : undefined }
  }

  // --- what comes in ---

  take(part, fields, who) {
    if (part === 'keys') this.takeKey(who, JSON.parse(fields.get('message')), Number(fields.get('step')))
    else if (part === 'credentials') this.credentials = JSON.parse(fields.get('codes'))
    else if (part === 'booth') {
      if (!this.isOpen) throw new Error('投票已经截止')
      if (fields.has('spoil')) return this.spoiled.push(fields.get('spoil'))
      const ballot = fields.get('ballot')
      if (this.spoiled.includes(base64Of(hashOf(ballot)))) throw new Error('这张票已经打开检查过')
      if (this.ballots.includes(ballot)) throw new Error('这张票已经收到过')
      this.ballots.push(ballot)
    } else this.parts.push({ index: who, text: fields.get('partial_decryption') })
  }

  takeKey(index, message, step) {
    if (step !== this.stepOf(index)) throw new Error('not this step')
    ;({ 1: this.certs, 3: this.polynomials, 5: this.voutputs })[step][index - 1] = message
  }

  open() {
    const { group, uuid } = this
    const key = this.polynomials.map(one => group.decode(JSON.parse(one.coefexps.message).coefexps[0])).reduce(group.multiply)
    this.election = JSON.stringify({ version: 1, description: '', name: this.title, group: group.name, public_key: group.encode(key),
      questions: this.questions, uuid })
    this.trustees = JSON.stringify([['Pedersen', parametersOf(THRESHOLD, this.certs, this.polynomials, this.voutputs)]])
  }

  close() {
    const { tally, counted } = tallyOf(this.group, this.ballots)
    this.tally = JSON.stringify(tally)
    this.counted = counted
    this.isOpen = false
  }

  record() {
    const archive = new Archive()
    archive.setup(this.election, this.trustees, JSON.stringify(this.credentials))
    for (const ballot of this.ballots) archive.event('Ballot', ballot)
    archive.event('EndBallots')
    const [num_tallied, total_weight] = [this.counted, this.counted]
    archive.event('EncryptedTally', this.tally, JSON.stringify({ num_tallied, total_weight, encrypted_tally: hexOf(hashOf(this.tally)) }))
    for (const { index, text } of this.parts) archive.event('PartialDecryption', text, JSON.stringify({ owner: index, payload: hexOf(hashOf(text)) }))
    return archive
  }

  // Writes the archive; the result.
  count(file) {
    const archive = this.record()
    const result = resultOf(this.group, JSON.parse(this.tally), this.parts.map(({ index, text }) => ({ index, part: JSON.parse(text) })))
    archive.event('Result', JSON.stringify({ result }))
    archive.write(file)
    return result
  }
}
