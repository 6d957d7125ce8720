// web/vote/vote.js -- what the pages of secret ballots load; also what they run beside themselves, as a worker.
import { serve } from './worker.js'

if (typeof document === 'undefined') serve()
