// web/vote/page.js -- what the parts of pages share: one step is shown at a time, problems are told in words that stand in the page,
// the server is asked for JSON, long sums are given to a worker. No text that a person reads is in these scripts.
import qrcode from 'qrcode-generator'
import { run } from './worker.js'

// KEY: of the texts in vote_problems.mustache; WORDS fill {0}, {1}.
export class Problem extends Error {
  constructor(key, ...words) {
    super(key)
    this.key = key
    this.words = words
  }
}

export const fill = (text, ...words) => text.replace(/\{(\d)\}/g, (whole, at) => words[at] ?? whole)

export class Part {
  constructor(root) {
    this.root = root
    this.address = root.dataset.address
    this.base = this.address.replace(/\/[^/]*$/, '') // of this ballot
    this.actions = {}
    root.addEventListener('click', event => {
      const button = event.target.closest('[data-do]')
      if (button) this.attempt(() => this.actions[button.dataset.do](button))
    })
    root.addEventListener('submit', event => {
      event.preventDefault()
      this.attempt(() => this.actions[`submit_${event.target.closest('[data-step]').dataset.step}`](event.target))
    })
    Object.assign(this.actions, {
      print: () => window.print(),
      copy: button => copy(document.getElementById(button.dataset.copies), button),
    })
    // a page that comes back out of the browser's memory would show what the last person did; asked for anew, and no form sent again
    window.addEventListener('pageshow', event => { if (event.persisted) location.replace(location.pathname + location.search) })
  }

  at(name) {
    return this.root.querySelector(`[data-at="${name}"]`)
  }

  text(name, ...words) {
    return fill(this.at(name).dataset.text, ...words)
  }

  say(name, text) {
    for (const place of this.root.querySelectorAll(`[data-at="${name}"]`)) place.textContent = text
  }

  template(name) {
    return this.root.querySelector(`template[data-template="${name}"]`).content.firstElementChild.cloneNode(true)
  }

  // The first step shown leaves the focus where it is.
  show(step) {
    const isFirst = !this.step || this.step === 'loading'
    this.step = step
    this.clear()
    for (const section of this.root.querySelectorAll('[data-step]')) section.hidden = section.dataset.step !== step
    document.body.classList.toggle('has-paper', !!this.root.querySelector('.paper:not([hidden])'))
    const heading = this.root.querySelector(`[data-step="${step}"] [tabindex="-1"], [data-step="${step}"] legend`)
    if (heading && !isFirst) {
      heading.tabIndex = -1
      heading.focus({ preventScroll: true })
      this.root.scrollIntoView({ block: 'start' })
    }
  }

  clear() {
    this.root.querySelector('[data-problems]').hidden = true
  }

  complain(problem) {
    if (!(problem instanceof Problem)) console.warn(String(problem)) // never with what was typed
    const { key = 'broken', words = [] } = problem instanceof Problem ? problem : {}
    const box = this.root.querySelector('[data-problems]')
    const text = this.root.querySelector(`[data-problem-texts] [data-key="${key}"]`).textContent
    box.querySelector('[data-problem-said]').textContent = fill(text, ...words)
    box.hidden = false
    box.focus({ preventScroll: true })
    box.scrollIntoView({ block: 'nearest' })
  }

  // One thing at a time; what goes wrong is told, and the step before comes back.
  async attempt(work) {
    if (this.isBusy) return
    this.isBusy = true
    this.clear()
    const before = this.step
    try {
      await work()
    } catch (error) {
      if (this.step !== before && before) this.show(before)
      this.complain(error)
    }
    this.isBusy = false
  }

  // --- the server ---

  // RAW: the bytes as they are, instead of JSON
  async ask(address, options = {}) {
    let response
    try {
      response = await fetch(address, { credentials: 'same-origin', ...options, headers: { Accept: 'application/json', ...options.headers } })
    } catch (error) {
      throw new Problem('network')
    }
    if (response.status === 401 || new URL(response.url).pathname === '/sign-in') throw new Problem('session')
    if (response.ok && options.raw) return response.arrayBuffer()
    const answer = await response.json().catch(() => ({}))
    if (response.status >= 502 && response.status <= 504) throw new Problem('network')
    if (response.ok) return answer
    const said = [answer.said, answer.next].filter(Boolean).join(' ') || response.status
    throw Object.assign(new Problem('input', said), { status: response.status })
  }

  model() {
    return this.ask(this.address)
  }

  // Who has signed in again meanwhile, in another window, has another token: it is asked for, and the same is sent once more.
  async post(fields) {
    const send = () => this.ask(this.address, { method: 'POST', body: new URLSearchParams({ csrf: this.root.dataset.csrf, ...fields }) })
    try {
      return await send()
    } catch (problem) {
      if (problem.status !== 403) throw problem
      const { frame } = await this.model()
      if (frame.csrf === this.root.dataset.csrf) throw problem
      this.root.dataset.csrf = frame.csrf
      return send()
    }
  }
}

// --- long sums ---

export class Helper {
  // SCRIPT: the address of this very script; where there is no worker the sums are done here.
  constructor(script) {
    this.waiting = new Map()
    this.count = 0
    try {
      this.worker = new Worker(script)
      this.worker.onmessage = ({ data }) => this.hear(data)
      this.worker.onerror = () => this.goOnAlone()
    } catch (error) {
      this.worker = null
    }
  }

  goOnAlone() {
    this.worker = null
    for (const { request } of [...this.waiting.values()]) run(request, answer => this.hear(answer))
  }

  hear({ id, done, failed, index, wrong, told }) {
    const { resolve, refuse, tell } = this.waiting.get(id) ?? {}
    if (told) return tell?.(...told)
    this.waiting.delete(id)
    if (failed) refuse?.(index ? new Problem('blamed', index) : wrong ? new Problem('archive', wrong) : new Error(failed))
    else resolve?.(done)
  }

  // What TASK of worker.js gives back. TELL(done, all) meanwhile.
  ask(task, given, tell) {
    const request = { id: ++this.count, task, ...given }
    return new Promise((resolve, refuse) => {
      this.waiting.set(request.id, { resolve, refuse, tell, request })
      if (this.worker) this.worker.postMessage(request)
      else setTimeout(() => run(request, answer => this.hear(answer)))
    })
  }
}

// --- small things ---

// What stands behind # in the address, and is taken out of it at once.
export function takeFragment() {
  const fragment = location.hash.slice(1)
  if (location.hash) history.replaceState(null, '', location.pathname + location.search)
  try {
    return decodeURIComponent(fragment)
  } catch (error) {
    return fragment
  }
}

// A square code of TEXT into PLACE, whose data-text says what it is.
export function picture(place, text) {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const size = code.getModuleCount(), border = 4
  let path = ''
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (code.isDark(y, x)) path += `M${x + border} ${y + border}h1v1h-1z`
  const made = (name, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    return element
  }
  const svg = made('svg', { class: 'qr', role: 'img', 'aria-label': place.dataset.text, viewBox: `0 0 ${size + 2 * border} ${size + 2 * border}`,
    'shape-rendering': 'crispEdges' })
  svg.append(made('path', { d: path }))
  place.replaceChildren(svg)
}

async function copy(source, button) {
  const text = source.value ?? source.textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch (error) { // old web views
    const selection = getSelection()
    const range = document.createRange()
    if (source.select) source.select()
    else {
      range.selectNodeContents(source)
      selection.removeAllRanges()
      selection.addRange(range)
    }
    document.execCommand('copy')
  }
  button.textContent = button.dataset.done
}

export function save(name, text) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}

// Groups of letters, none of which is broken at the end of a line.
export function showGroups(place, text) {
  place.replaceChildren(...text.match(/[^- ]+[- ]?/g).flatMap(group => {
    const whole = document.createElement('span')
    whole.textContent = group
    return [whole, document.createElement('wbr')]
  }))
}

// [[question, what was chosen]] as a list into PLACE.
export function list(place, rows) {
  place.replaceChildren(...rows.map(([term, said]) => {
    const [row, dt, dd] = ['div', 'dt', 'dd'].map(name => document.createElement(name))
    dt.textContent = term
    dd.textContent = said
    row.append(dt, dd)
    return row
  }))
}
