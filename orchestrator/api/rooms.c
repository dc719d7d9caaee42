/* rooms.c: all routes. */
#include "orchestrator/api/rooms.h"

const struct api_room *const api_rooms[] = {
    &system_room,        &session_room,        &me_room,           &token_room,
    &people_room,        &fleet_room,          &registry_room,     &group_room,
    &boundary_room,      &device_room,         &device_write_room, &campaign_room,
    &campaign_file_room, &campaign_write_room, &artifact_room,     &release_room,
    &release_write_room, &audit_export_room,   &audit_room,        &event_room,
    &webhook_room,       &openid_room,         &invitation_room};
const size_t api_room_count = sizeof api_rooms / sizeof api_rooms[0];
