/* log_form.h: the pairs of one event as a line of JSON, or as a record of systemd's journal. Pure.
 */
#ifndef WG_COMMON_LOG_FORM_H
#define WG_COMMON_LOG_FORM_H

#include <stddef.h>

#define LOG_FORM_BYTES 4096 /* of a line at most; pairs that find no room are left out */
#define LOG_RECORD_BYTES                                                                           \
    ((size_t)4 * LOG_FORM_BYTES) /* of a record of the journal: a line, and its pairs */
#define LOG_VALUE_MAX 1024       /* bytes of a value that are looked at */

struct log_pair {
    const char *key, *value;
};

/* {"time":"...","level":"info",...} and a line feed; all values are text. The bytes in out. */
size_t log_form_json(const struct log_pair *pairs, size_t count, char out[LOG_FORM_BYTES]);
/* MESSAGE, PRIORITY (syslog's) and SYSLOG_IDENTIFIER; WAVEGATE_KEY for each pair behind the first
 * four, which are time, level, program and msg (systemd.journal-fields(7)). message: for people. */
size_t log_form_journal(const struct log_pair *pairs, size_t count, int priority,
                        const char *message, char out[LOG_RECORD_BYTES]);

#endif
