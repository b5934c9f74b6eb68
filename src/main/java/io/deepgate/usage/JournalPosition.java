package io.deepgate.usage;

/**
 * A place in a journal.
 *
 * @param journal the journal's name
 * @param segment the number of one of its files
 * @param bytes from that file's start
 */
record JournalPosition(String journal, long segment, long bytes) {

    /** Whether the place {@code at} bytes from the start of the file {@code number} is this one, or before it. */
    boolean reaches(long number, long at) {
        return number < segment || (number == segment && at <= bytes);
    }

    /** How many bytes of the file {@code number} lie before this. */
    long bytesOf(long number) {
        return number == segment ? bytes : number < segment ? Long.MAX_VALUE : 0;
    }
}
