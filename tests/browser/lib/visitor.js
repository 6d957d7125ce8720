// A person before a browser: pages are read and forms filled as the templates promise (src/commons/views).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
// the doors of the demo's start page, in their order
const DOORS = readFileSync(new URL('../../../demo/accounts.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map(line => line.split(',')[1])
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']

export class Visitor {
  static async arrive(browser, address, { width = 360, height = 740, javaScript = true, language = 'zh-CN' } = {}) {
    const visitor = Object.assign(new Visitor(), { address, faults: [] })
    visitor.context = await browser.newContext({ viewport: { width, height }, javaScriptEnabled: javaScript, locale: language,
      timezoneId: 'Asia/Shanghai', baseURL: address, acceptDownloads: true })
    visitor.context.setDefaultTimeout(20_000)
    visitor.page = await visitor.newTab()
    return visitor
  }

  // Whatever the console complains of, the content security policy refuses or the server breaks at is kept as a fault.
  async newTab() {
    const page = await this.context.newPage()
    page.on('pageerror', error => this.faults.push(`script: ${error}`))
    page.on('console', message => {
      if (message.type() !== 'error') return
      if (message.text().startsWith('Failed to load resource')) return // told better by its response, below
      this.faults.push(`console: ${message.text()} (${page.url()})`)
    })
    page.on('response', response => {
      const isPage = response.request().resourceType() === 'document'
      if (response.status() >= (isPage ? 500 : 400)) this.faults.push(`${response.status()} ${response.url()}`)
    })
    page.on('requestfailed', request => {
      if (!/ERR_ABORTED/.test(request.failure()?.errorText)) this.faults.push(`${request.failure()?.errorText} ${request.url()}`)
    })
    return page
  }

  checkFaults() {
    assert.deepEqual(this.faults, [])
  }

  // --- going about ---

  async go(path, status = 200) {
    const response = await this.page.goto(path)
    assert.equal(response.status(), status, `${path} is answered by ${response.status()}`)
  }

  // Through the demo's door: the doors stand in the order of demo/accounts.csv.
  async enter(login) {
    const number = DOORS.indexOf(login)
    await this.go('/')
    await this.page.locator('.doors button[name=door]').nth(number).click()
    await this.page.locator('form[data-forget]').waitFor()
  }

  async signOut() {
    await this.page.locator('form[data-forget] button').click()
    await this.page.locator('form[data-forget]').waitFor({ state: 'detached' })
  }

  path() {
    const { pathname, search } = new URL(this.page.url())
    return pathname + search
  }

  async resize(width, height = 740) {
    await this.page.setViewportSize({ width, height })
  }

  // --- forms ---

  // Fills by name whatever kind of question it is; the form is FORM or the page's main one.
  async fill(values, form = this.page.locator('main')) {
    for (const [name, value] of Object.entries(values)) {
      const field = form.locator(`[name="${name}"]`)
      await field.first().waitFor({ state: 'attached' })
      const kind = await field.first().evaluate(found => found.tagName === 'INPUT' ? found.type : found.tagName.toLowerCase())
      if (kind === 'radio') await form.locator(`label.tile:has([name="${name}"][value="${value}"])`).click()
      else if (kind === 'select') await choose(field, value)
      else await field.fill(String(value))
    }
  }

  async send(selector = 'main form button.main') {
    await this.page.locator(selector).click()
    await this.page.waitForLoadState()
  }

  // Files a request; its number.
  async file(values) {
    await this.go('/requests/new')
    await this.fill(values)
    await this.send()
    return (await this.page.locator('main .number.huge').innerText()).trim()
  }

  // --- a matter's page ---

  async open(number) {
    await this.go(`/requests/${number}`)
  }

  // The names of the moves offered on the page, in order.
  async moves() {
    return this.page.locator('main .move button[name=move]').evaluateAll(buttons => buttons.map(button => button.value))
  }

  async move(name, values = {}) {
    const move = this.page.locator(`main .move:has(button[name=move][value="${name}"])`)
    const isFolded = await move.evaluate(found => found.tagName === 'DETAILS' && !found.open)
    if (isFolded) await move.locator('summary').click()
    await this.fill(values, move)
    await move.locator(`button[name=move][value="${name}"]`).click()
    await this.page.waitForLoadState()
  }

  async state() {
    return (await this.page.locator('main .now .state').first().innerText()).trim()
  }

  async history() {
    return this.page.locator('main ol.line > li > p:first-child > b').allInnerTexts()
  }

  async text() {
    return this.page.locator('body').innerText()
  }

  // --- how it looks ---

  async checkAccessibility(what = this.path()) {
    if (!await this.page.evaluate(() => 'axe' in window)) await this.page.evaluate(axe)
    const { violations } = await this.page.evaluate(tags => window.axe.run(document,
      { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }), AXE_TAGS)
    const told = violations.flatMap(rule => rule.nodes.map(node => `${what}: ${rule.id} (${rule.help}): ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`))
    assert.deepEqual(told, [])
  }

  async checkNoSideScroll(what = this.path()) {
    const wide = await this.page.evaluate(() => {
      const root = document.scrollingElement, room = root.clientWidth
      if (root.scrollWidth <= room) return null
      const beyond = [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > room + 0.5)
      return `${root.scrollWidth} in ${room}: ${beyond.slice(-3).map(one => one.outerHTML.slice(0, 120)).join(' | ')}`
    })
    assert.equal(wide, null, `${what} scrolls sideways`)
  }

  // At 320, 360 and 1280 pixels, in normal and in large type. The page is loaded already.
  async checkLooks(what = this.path()) {
    const size = this.page.viewportSize()
    const isElder = await this.page.evaluate(() => document.documentElement.classList.contains('elder'))
    for (const elder of [false, true]) {
      await this.page.evaluate(on => document.documentElement.classList.toggle('elder', on), elder)
      for (const width of [320, 360, 1280]) {
        const here = `${what} at ${width}${elder ? ', large type' : ''}`
        await this.resize(width)
        await this.checkNoSideScroll(here)
        if (width !== 320) await this.checkAccessibility(here)
      }
    }
    await this.page.evaluate(on => document.documentElement.classList.toggle('elder', on), isElder)
    await this.page.setViewportSize(size)
  }

  async leave() {
    await this.context.close()
  }
}

// By value, or by a part of what the option says.
async function choose(field, value) {
  const values = await field.locator('option').evaluateAll(options => options.map(one => [one.value, one.textContent]))
  const found = values.find(([key]) => key === value) ?? values.find(([key, said]) => key && said.includes(value))
  assert.ok(found, `no option ${value} among ${JSON.stringify(values)}`)
  await field.selectOption(found[0])
}
