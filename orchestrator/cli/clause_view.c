/* clause_view.c: clauses in lines, each behind its sign. */
#include "orchestrator/cli/clause_view.h"

#include "orchestrator/cli/document.h"

void clause_view_show(const json_t *clauses, struct screen *screen)
{
    size_t i;
    json_t *clause;
    json_array_foreach(clauses, i, clause)
    {
        bool holds = document_is(clause, "holds");
        bool known = json_is_boolean(document_at(clause, "holds"));
        char sign = known ? '-' : '?';
        screen_coloured(screen, holds ? SCREEN_GOOD : SCREEN_BAD, "    %c", holds ? '+' : sign);
        screen_text(screen, " %s%s\n", document_text(clause, "clause"),
                    known ? "" : ": it has no position");
    }
}
