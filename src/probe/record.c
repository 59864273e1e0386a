#include "probe/record.h"

struct attempt *record_add_attempt(struct record *record)
{
    record->attempts = arena_grow(record->arena, record->attempts, record->attempt_count,
                                  &record->attempt_capacity, sizeof *record->attempts);
    struct attempt *attempt = ARENA_NEW(record->arena, struct attempt);
    record->attempts[record->attempt_count++] = attempt;
    return attempt;
}

void record_add_event(struct record *record, enum event_kind kind, size_t attempt, size_t index, instant at)
{
    record->events = arena_grow(record->arena, record->events, record->event_count, &record->event_capacity,
                                sizeof *record->events);
    record->events[record->event_count++] = (struct event){kind, attempt, index, at};
}

struct attempt *record_decisive_attempt(const struct record *record)
{
    struct attempt *decisive = NULL;
    for (size_t i = 0; i < record->attempt_count; i++) {
        struct attempt *attempt = record->attempts[i];
        if (!attempt->moved_on && attempt->result == ATTEMPT_ENDED)
            return attempt;
        if (!decisive || attempt->host_index == decisive->host_index)
            decisive = attempt;
    }
    return decisive;
}
