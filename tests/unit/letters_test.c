#include "base/arena.h"
#include "diagnose/letters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void folds(void **state)
{
    static const struct {
        const char *text;
        const char *folded;
    } rows[] = {
        {"", ""},
        {"Plain ASCII 550", "plain ascii 550"},
        {"Boîte AUX LETTRES", "boite aux lettres"},
        {"EMPFÄNGER Straße", "empfanger strasse"},
        {"Użytkownik ŁÓDŹ", "uzytkownik lodz"},
        {"œuvre Æ þorn", "oeuvre ae thorn"},
        {"ÿ ſ À ×", "y s a ×"},
        {"e\xcc\x81t\xcc\x81", "et"},
        {"ЯЩИК ящик ЁЛКА ёлка Єдність", "ящик ящик елка елка єдність"},
        {"ҐАНОК ґанок", "ганок ганок"},
        {"ΧΡΉΣΤΗΣ χρήστης Ϊδιος ΰ", "χρηστησ χρηστησ ιδιοσ υ"},
        {"depășit DEȚINUT", "depasit detinut"},
        {"用户不存在 존재하지", "用户不存在 존재하지"},
        {"cut \xc3", "cut \xc3"},
        {"raw \xff\xe9 end", "raw \xff\xe9 end"},
    };
    struct arena arena = ARENA_EMPTY;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span folded = letters_fold(&arena, span_of_string(rows[i].text));
        assert_int_equal(folded.size, strlen(rows[i].folded));
        assert_memory_equal(folded.at, rows[i].folded, folded.size);
    }
    arena_clear(&arena);
    (void)state;
}

/** Folding twice is folding once, and no letter grows: buffers are sized by that. */
static void every_letter_is_stable(void **state)
{
    struct arena arena = ARENA_EMPTY;
    for (unsigned character = 0x80; character < 0x10000; character++) {
        char folded[LETTER_SIZE];
        int size = letter_fold(character, folded);
        assert_true(size <= (character < 0x800 ? 2 : 3));
        if (size > 0) {
            struct span again = letters_fold(&arena, span_of(folded, (size_t)size));
            assert_int_equal(again.size, size);
            assert_memory_equal(again.at, folded, again.size);
        }
    }
    arena_clear(&arena);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds),
        cmocka_unit_test(every_letter_is_stable),
    };
    return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
