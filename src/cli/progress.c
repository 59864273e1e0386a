#include "cli/progress.h"

#include "base/printable.h"

#include <stdio.h>
#include <unistd.h>

static void describe_dialogue(struct buffer *out, const struct dialogue *dialogue)
{
    if (dialogue_wish(dialogue) == WISH_SECURE) {
        buffer_add_string(out, "the TLS handshake");
    } else if (dialogue->answered < dialogue->exchange_count) {
        enum stage stage = dialogue->exchanges[dialogue->answered].stage;
        const char *title = stage_words[stage].title ? stage_words[stage].title : stage_words[stage].name;
        buffer_printf(out, stage == STAGE_BANNER ? "the greeting" : "the reply to %s", title);
    } else {
        buffer_add_string(out, "the connection to take what is sent");
    }
}

void progress_describe(struct buffer *out, const struct record *record)
{
    const struct attempt *attempt =
        record->attempt_count ? record->attempts[record->attempt_count - 1] : NULL;
    if (!attempt || attempt->ended != NEVER)
        buffer_add_string(out, "the DNS");
    else if (attempt->result == ATTEMPT_CONNECTING)
        buffer_printf(out, "a connection to [%s]:%u", attempt->address.text, attempt->port);
    else if (attempt->result == ATTEMPT_UNDER_WAY && attempt->dialogue.plan)
        describe_dialogue(out, &attempt->dialogue);
    else
        buffer_add_string(out, "the TLS handshake");
}

static void show(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    (void)loop, (void)events;
    struct progress *progress = timer->data;
    struct buffer text = BUFFER_EMPTY;
    progress_describe(&text, progress->record);
    fprintf(stderr, "\r\033[KWaiting for %s, %.0f s", buffer_string(&text),
            duration_in_seconds(instant_now() - progress->since));
    fflush(stderr);
    buffer_clear(&text);
    progress->is_shown = true;
}

void progress_begin(struct progress *progress, struct ev_loop *loop, const struct record *record)
{
    *progress = (struct progress){.loop = loop, .record = record, .since = instant_now()};
    progress->is_wanted = isatty(STDERR_FILENO);
    ev_timer_init(&progress->timer, show, 1, 1);
    progress->timer.data = progress;
    if (progress->is_wanted)
        ev_timer_start(loop, &progress->timer);
}

void progress_note(struct progress *progress)
{
    if (!progress->is_wanted)
        return;
    if (progress->is_shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->is_shown = false;
    progress->since = instant_now();
    ev_timer_again(progress->loop, &progress->timer);
}

void progress_end(struct progress *progress)
{
    progress_note(progress);
    ev_timer_stop(progress->loop, &progress->timer);
}
