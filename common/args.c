/* args.c: a small reader of flags by table. */
#include "common/args.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

static bool add_table(struct args *args, const struct flag *table, struct wg_error *err)
{
    for (; table->name; table++) {
        if (args->flag_count == ARGS_FLAGS_MAX)
            return wg_fail(err, WG_E_LIMIT, "a command has more than %d flags", ARGS_FLAGS_MAX);
        args->flags[args->flag_count++] = table;
    }
    return true;
}

static size_t find_flag(const struct args *args, const char *name, size_t len)
{
    size_t i = 0;
    while (i < args->flag_count &&
           (strlen(args->flags[i]->name) != len || strncmp(args->flags[i]->name, name, len) != 0))
        i++;
    return i;
}

static bool unknown_flag(const struct args *args, const char *text, struct wg_error *err)
{
    const char *best = NULL;
    size_t nearest = 3;
    for (size_t i = 0; i < args->flag_count; i++) {
        size_t distance = wg_text_distance(text + 2, args->flags[i]->name, 2);
        if (distance < nearest) {
            nearest = distance;
            best = args->flags[i]->name;
        }
    }
    if (best)
        return wg_fail(err, WG_E_USAGE, "unknown flag \"%s\": did you mean --%s?", text, best);
    return wg_fail(err, WG_E_USAGE, "unknown flag \"%s\": try --help", text);
}

/* Reads the flag at argv[*at]; moves *at to its value when that is an argument of its own. */
static bool read_flag(struct args *args, int argc, char **argv, int *at, struct wg_error *err)
{
    const char *text = argv[*at];
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) - 2 : strlen(text) - 2;
    size_t i = find_flag(args, text + 2, len);
    if (i == args->flag_count) return unknown_flag(args, text, err);
    const struct flag *flag = args->flags[i];
    if (args->values[i]) return wg_fail(err, WG_E_USAGE, "--%s is given twice", flag->name);
    if (!flag->value) {
        if (equals) return wg_fail(err, WG_E_USAGE, "--%s takes no value", flag->name);
        args->values[i] = "";
    } else if (equals) {
        args->values[i] = equals + 1;
    } else if (*at + 1 < argc) {
        args->values[i] = argv[++*at];
    } else {
        return wg_fail(err, WG_E_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name,
                       flag->value);
    }
    return true;
}

bool args_read(struct args *out, int argc, char **argv, const struct flag *const *tables,
               struct wg_error *err)
{
    bool flags_end = false;
    *out = (struct args){0};
    for (; *tables; tables++)
        if (!add_table(out, *tables, err)) return false;
    for (int i = 0; i < argc; i++) {
        if (!flags_end && strcmp(argv[i], "--") == 0) {
            flags_end = true;
        } else if (!flags_end && strncmp(argv[i], "--", 2) == 0) {
            if (!read_flag(out, argc, argv, &i, err)) return false;
        } else if (!flags_end && strcmp(argv[i], "-h") == 0) {
            char help[] = "--help";
            char *one[] = {help};
            int at = 0;
            if (!read_flag(out, 1, one, &at, err)) return false;
        } else if (out->positional_count == ARGS_POSITIONALS_MAX) {
            return wg_fail(err, WG_E_USAGE, "more than %d arguments", ARGS_POSITIONALS_MAX);
        } else {
            out->positionals[out->positional_count++] = argv[i];
        }
    }
    return true;
}

const char *args_value(const struct args *args, const char *name)
{
    size_t i = find_flag(args, name, strlen(name));
    return i < args->flag_count ? args->values[i] : NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_value(args, name) != NULL;
}

void args_usage(const struct flag *table, struct wg_buf *out)
{
    for (; table->name; table++) {
        char left[48];
        (void)snprintf(left, sizeof left, "--%s%s%s", table->name, table->value ? " " : "",
                       table->value ? table->value : "");
        wg_buf_printf(out, "  %-24s %s\n", left, table->help);
    }
}
