/**
 * Letters as the catalog compares them: without case and without accents, so
 * that "Boîte", "BOITE" and "boite" are one word. Servers that mean the same
 * write it each way.
 */
#ifndef DIAGNOSE_LETTERS_H
#define DIAGNOSE_LETTERS_H

#include "base/arena.h"
#include "base/span.h"

enum { LETTER_SIZE = 4 }; /* octets of any folded letter */

/**
 * Folds Latin and Greek letters with accents to plain ones, and Greek and Cyrillic
 * capitals to small letters; combining accents vanish. ASCII is left alone: its case may still be
 * wanted.
 * @return the octets written to `folded`, or -1: the letter stands for itself
 */
int letter_fold(unsigned character, char folded[LETTER_SIZE]);

/** A copy of UTF-8 text in which every letter is folded, those of ASCII to lower case. */
struct span letters_fold(struct arena *, struct span text);

#endif
