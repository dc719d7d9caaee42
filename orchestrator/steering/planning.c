/* planning.c: a plan with what is asked beside it. */
#include "orchestrator/steering/planning.h"

#include "orchestrator/steering/apply_signed.h"

bool planning_make(struct planning *planning, struct db *db, struct campaign *campaign,
                   const struct planning_asked *asked, struct wg_error *err)
{
    struct plan_view *view = &planning->view;
    view->now = asked->now;
    return plan_make(&planning->plan, db, campaign, false, err) &&
           apply_check_release(&planning->plan, db, asked->authority, err) &&
           plan_view_init(view, db, &planning->plan, asked->devices, err) &&
           plan_quorum_init(&planning->quorum, asked->repository, planning->plan.campaign,
                            view->shares, view->share_count, err);
}

void planning_clear(struct planning *planning)
{
    plan_quorum_clear(&planning->quorum);
    plan_view_clear(&planning->view);
    plan_clear(&planning->plan);
}

json_t *planning_json(const struct planning *planning)
{
    json_t *out = plan_view_json(&planning->view);
    if (out)
        (void)json_object_set_new(out, "repository_policy", plan_quorum_json(&planning->quorum));
    return out;
}
