/* base/log.c */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { LINE_ROOM = 2048 };

static atomic_bool is_quiet;

void log_quiet(void)
{
    is_quiet = true;
}

/* One write per line, so that threads do not mix. What would break the line, or be a command to a terminal, is a blank. */
__attribute__((format(printf, 2, 0))) static void write_line(const char *level, const char *format, va_list arguments)
{
    char line[LINE_ROOM];
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t size = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ ", &utc);
    size += (size_t)snprintf(line + size, sizeof line - size, "%s ", level);
    int wanted = vsnprintf(line + size, sizeof line - size - 1, format, arguments);
    size_t end = size + (wanted < 0 ? 0 : (size_t)wanted);
    if (end > sizeof line - 2)
        end = sizeof line - 2;
    for (size_t i = size; i < end; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
            line[i] = ' ';
    line[end] = '\n';
    fwrite(line, 1, end + 1, stderr);
}

#define LOG_LEVEL(name, word, is_always)                                                                               \
    void name(const char *format, ...)                                                                                 \
    {                                                                                                                  \
        if (is_quiet && !(is_always))                                                                                  \
            return;                                                                                                    \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        write_line(word, format, arguments);                                                                           \
        va_end(arguments);                                                                                             \
    }

LOG_LEVEL(log_info, "info", false)
LOG_LEVEL(log_warning, "warning", false)
LOG_LEVEL(log_trouble, "trouble", true)
