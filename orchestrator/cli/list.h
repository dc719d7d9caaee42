/* list.h: the rows of a list command, shown as a table, CSV or names alone from one description of
 * its columns; JSON is the rows themselves. A row is a JSON object, as an API gives it too. */
#ifndef WG_ORCHESTRATOR_CLI_LIST_H
#define WG_ORCHESTRATOR_CLI_LIST_H

#include "orchestrator/cli/screen.h"

enum list_kind { LIST_WORDS, LIST_NUMBER, LIST_TIME };

struct list_column {
    const char *name; /* "first at": FIRST AT above the table, first_at in CSV, where a
                       * comma ends it */
    const char *key;  /* of the row: "region", "hardware.model"; NULL: write says it */
    void (*write)(const json_t *row, struct wg_buf *out);
    enum list_kind kind;
    size_t shown; /* characters in a table; 0: all */
};

struct list {
    const char *noun, *verb; /* the command */
    const struct list_column
        *columns; /* ended by one without a name; --quiet prints the first, or: */
    void (*name)(const json_t *row, struct wg_buf *out);
    const char *empty; /* instead of a table without rows; NULL: the table's head */
};

/* All that there are, ended by NULL. */
extern const struct list *const lists[];
const struct list *list_of(const char *noun, const char *verb); /* NULL: that command is none */

/* Appends the rows (an array, borrowed) in the form that the screen asks for; not for JSON. */
void list_add(struct screen *screen, const struct list *list, const json_t *rows);
/* Writes them, with --json as they are; a reference is taken over. False without rows, with the
 * error that is there, else out of memory. */
WG_MUST_CHECK bool list_show(struct screen *screen, const struct list *list, json_t *rows,
                             struct wg_error *err);
/* The result is cut: behind the table, or beside other forms on standard error. */
void list_note(struct screen *screen, const char *format, ...) WG_PRINTF(2, 3);

/* For write: texts of an array, with commas. */
void list_join(const json_t *array, struct wg_buf *out);
/* The value at "hardware.model"; NULL: there is none. Borrowed. */
const json_t *list_value(const json_t *row, const char *key);
const char *list_text(const json_t *row, const char *key); /* never NULL */

#endif
