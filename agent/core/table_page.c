/* table_page.c: the table as Markdown: all pairs at a glance, then each phase by itself. */
#include "agent/core/table_page.h"

#include "agent/core/table.h"

static const char *const phase_words[CORE_PHASES] = {
    [CORE_IDLE] = "No order is in hand.",
    [CORE_CHECKING] = "The hooks are asked whether the order may be accepted.",
    [CORE_FETCHING] = "The artifact goes into the idle slot.",
    [CORE_INSTALLING] = "The artifact's install step runs in the idle slot.",
    [CORE_READY] = "It is installed; the orchestrator's word to switch over is waited for.",
    [CORE_ACTIVATING] = "The idle slot is set to boot once.",
    [CORE_REBOOTING] = "It is set to boot once, and the reboot was asked for.",
    [CORE_BOOTING] = "The new slot runs on trial, its boot check is asked.",
    [CORE_PROBATION] = "The new slot runs on trial, and health must hold for the soak time.",
    [CORE_COMMITTING] = "The new slot is made the default.",
    [CORE_REVERTING] = "The reboot into the old slot was asked for.",
    [CORE_ERASING] = "The device's keys are destroyed, or were; then the agent ends.",
};

static void overview_cell(struct wg_buf *out, const struct table_row *row, enum core_phase phase)
{
    if (!row)
        wg_buf_text(out, "?"); /* the tests say that there is none such */
    else if (table_row_ignores(row))
        wg_buf_text(out, ".");
    else
        wg_buf_text(out, (row->next & ~(TABLE_STAYS | TABLE_PHASE(phase))) ? "go" : "+");
    wg_buf_text(out, "|");
}

static void overview(struct wg_buf *out)
{
    wg_buf_text(out, "|event|");
    for (int phase = 0; phase < CORE_PHASES; phase++)
        wg_buf_printf(out, "%s|", core_phase_text((enum core_phase)phase));
    wg_buf_text(out, "\n|---|");
    for (int phase = 0; phase < CORE_PHASES; phase++) wg_buf_text(out, "---|");
    for (int kind = 0; kind < TABLE_EVENTS; kind++) {
        enum core_event_kind event = (enum core_event_kind)kind;
        wg_buf_printf(out, "\n|%s|", table_event_text(event));
        for (int phase = 0; phase < CORE_PHASES; phase++)
            overview_cell(out, table_find((enum core_phase)phase, event), (enum core_phase)phase);
    }
    wg_buf_text(out, "\n");
}

static void next_words(struct wg_buf *out, unsigned next, enum core_phase phase)
{
    const char *between = "";
    if (next & (TABLE_STAYS | TABLE_PHASE(phase))) {
        wg_buf_text(out, "stays");
        between = ", ";
    }
    for (int i = 0; i < CORE_PHASES; i++) {
        if (i == (int)phase || !(next & TABLE_PHASE(i))) continue;
        wg_buf_printf(out, "%s%s", between, core_phase_text((enum core_phase)i));
        between = ", ";
    }
}

static void action_words(struct wg_buf *out, unsigned does)
{
    const char *between = "";
    for (int i = 0; i < TABLE_ACTIONS; i++) {
        if (!(does & TABLE_DOES(i))) continue;
        wg_buf_printf(out, "%s%s", between, table_action_text((enum core_action_kind)i));
        between = ", ";
    }
    if (does == 0) wg_buf_text(out, "nothing");
}

static void ignored(struct wg_buf *out, enum core_phase phase)
{
    const char *between = "\nIgnored, with a line in the log: ";
    size_t from = out->len;
    for (int kind = 0; kind < TABLE_EVENTS; kind++) {
        enum core_event_kind event = (enum core_event_kind)kind;
        const struct table_row *row = table_find(phase, event);
        if (!row || !table_row_ignores(row)) continue;
        wg_buf_printf(out, "%s%s", between, table_event_text(event));
        between = out->len - from > 110 ? ",\n" : ", ";
        if (between[1] == '\n') from = out->len;
    }
    wg_buf_text(out, ".\n");
}

static void section(struct wg_buf *out, enum core_phase phase)
{
    wg_buf_printf(out, "\n## %s\n\n%s\n\n", core_phase_text(phase), phase_words[phase]);
    for (int kind = 0; kind < TABLE_EVENTS; kind++) {
        enum core_event_kind event = (enum core_event_kind)kind;
        const struct table_row *row = table_find(phase, event);
        if (!row || table_row_ignores(row)) continue;
        wg_buf_printf(out, "- `%s`: %s.\n  - phase: ", table_event_text(event), row->words);
        next_words(out, row->next, phase);
        wg_buf_text(out, ". May do: ");
        action_words(out, row->does);
        wg_buf_text(out, ".\n");
    }
    ignored(out, phase);
}

bool table_page(struct wg_buf *out, struct wg_error *err)
{
    wg_buf_printf(out,
                  "# States and events of the agent's core\n\n"
                  "Printed by `make docs` from `agent/core/table.c`, which runs the device; do not "
                  "edit. Each of the %d pairs of phase\n"
                  "and event has one stated outcome. `tests/unit/agent/table_test.c` walks all of "
                  "them through a core: it sees every phase\n"
                  "and every action that stands here, and none that does not.\n\n"
                  "`.` is ignored and logged, `+` does something and stays in the phase, `go` may "
                  "leave the phase.\n\n",
                  CORE_PHASES * TABLE_EVENTS);
    overview(out);
    wg_buf_text(out,
                "\nWhatever an event does, `save` comes first, and what stands behind it happens "
                "only when the memory is on disk. Reports\n"
                "go out by `publish`; `vouch` asks the repository, `hooks` the device's own "
                "programs. What the actions mean exactly:\n"
                "`agent/core/core.h`. An event before `start` is ignored in every phase. An event "
                "for which memory runs out has changed\n"
                "nothing.\n");
    for (int phase = 0; phase < CORE_PHASES; phase++) section(out, (enum core_phase)phase);
    return wg_buf_check(out, err, "the page of states");
}
