// web/vote/vote.js -- what the pages of secret ballots load; the same script also runs beside the page, as its worker.
import { audit } from './audit.js'
import { booth } from './booth.js'
import { credentials } from './credentials.js'
import { decrypt } from './decrypt.js'
import { keys } from './keys.js'
import { Helper, Part } from './page.js'
import { serve } from './worker.js'

const parts = { audit, booth, credentials, decrypt, keys }

if (typeof document === 'undefined') serve()
else {
  const script = document.currentScript.src
  for (const root of document.querySelectorAll('[data-vote]')) {
    const part = new Part(root)
    parts[root.dataset.vote](part, new Helper(script)).catch(problem => part.complain(problem))
  }
}
