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

static bool may_repeat(const struct flag *flag)
{
    size_t len = flag->value ? strlen(flag->value) : 0;
    return len > 3 && strcmp(flag->value + len - 3, "...") == 0;
}

static bool put(struct args *args, size_t i, const char *value, struct wg_error *err)
{
    if (!args->values[i]) {
        args->values[i] = value;
        return true;
    }
    if (args->more_count == ARGS_MORE_MAX)
        return wg_fail(err, WG_E_LIMIT, "--%s is given too often", args->flags[i]->name);
    args->more[args->more_count].flag = i;
    args->more[args->more_count++].value = value;
    return true;
}

/* As flags are written. */
static bool is_word(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
    return text[len] == '\0';
}

/* Reads the flag at argv[*at]; moves *at to its value when that is an argument of its own. */
static bool read_flag(struct args *args, int argc, char *const *argv, int *at, struct wg_error *err)
{
    const char *text = argv[*at];
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) - 2 : strlen(text) - 2;
    size_t i = find_flag(args, text + 2, len);
    if (i == args->flag_count) return unknown_flag(args, text, err);
    const struct flag *flag = args->flags[i];
    if (args->values[i] && !may_repeat(flag))
        return wg_fail(err, WG_E_USAGE, "--%s is given twice", flag->name);
    if (!flag->value) {
        if (equals) return wg_fail(err, WG_E_USAGE, "--%s takes no value", flag->name);
        args->values[i] = "";
    } else if (equals) {
        return put(args, i, equals + 1, err);
    } else if (*at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0) {
        return put(args, i, argv[++*at], err);
    } else if (*at + 1 < argc && !is_word(argv[*at + 1])) { /* perhaps a key: not told again */
        return wg_fail(err, WG_E_USAGE,
                       "--%s needs a value: --%s %s, and --%s=%s if it begins with hyphens",
                       flag->name, flag->name, flag->value, flag->name, flag->value);
    } else if (*at + 1 < argc) { /* a value was forgotten, more often than meant to be so */
        return wg_fail(err, WG_E_USAGE,
                       "--%s needs a value: --%s %s, and --%s=%s if it is \"%.40s\"", flag->name,
                       flag->name, flag->value, flag->name, argv[*at + 1], argv[*at + 1]);
    } else {
        return wg_fail(err, WG_E_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name,
                       flag->value);
    }
    return true;
}

bool args_read(struct args *out, int argc, char *const *argv, const struct flag *const *tables,
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

const char *args_value_at(const struct args *args, const char *name, size_t i)
{
    size_t flag = find_flag(args, name, strlen(name));
    if (flag == args->flag_count) return NULL;
    if (i == 0) return args->values[flag];
    for (size_t j = 0; j < args->more_count; j++)
        if (args->more[j].flag == flag && --i == 0) return args->more[j].value;
    return NULL;
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
