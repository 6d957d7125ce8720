// The sample models of tests/pages/samples as pages, from a server of their own: states that the demo world does not show.
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' }
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

export class Samples {
  static async make(root, build, folder) {
    execFileSync(path.join(build, 'tests/render_samples'), [root, folder])
    const samples = Object.assign(new Samples(), { names: readdirSync(folder).filter(name => name.endsWith('.html')).sort() })
    samples.server = createServer((request, response) => {
      const name = path.basename(new URL(request.url, 'http://x').pathname)
      if (name === 'vote.js') return response.writeHead(200, { 'Content-Type': 'text/javascript' }).end() // tried by 6-vote.js: here is nobody to ask
      const from = name.endsWith('.html') ? folder : path.join(root, 'web')
      try {
        const bytes = readFileSync(path.join(from, name))
        response.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'text/plain', 'Content-Security-Policy': POLICY })
        response.end(bytes)
      } catch {
        response.writeHead(404).end()
      }
    })
    samples.server.listen(0, '127.0.0.1')
    await once(samples.server, 'listening')
    samples.address = `http://127.0.0.1:${samples.server.address().port}`
    return samples
  }

  async stop() {
    this.server.closeAllConnections?.()
    this.server.close()
  }
}
