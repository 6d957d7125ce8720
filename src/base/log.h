/* base/log.h -- what the process tells whoever runs it: one line on stderr.
 * Owns:          the line's form: UTC time, level, words
 * Must not know: who reads it
 * Begin at:      log_info(), log_trouble()
 *
 * Never log what a person wrote, a full identity number, a password, a token or a key.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Quiet for tests and commands: only trouble is written. */
void log_quiet(void);
#endif
