package io.deepgate.usage;

/**
 * A place in a journal.
 *
 * @param journal the journal's name
 * @param segment the number of one of its files
 * @param bytes from that file's start
 */
record JournalPosition(String journal, long segment, long bytes) {

    /** How many bytes of the file {@code number} lie before this. */
    long bytesOf(long number) {
        return number == segment ? bytes : number < segment ? Long.MAX_VALUE : 0;
    }
}
