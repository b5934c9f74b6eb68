package io.deepgate.catalog;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Our secret at a provider. */
public record UpstreamKey(String value) {

    private static final int SHOWN_BY_PROVIDERS = 4;
    private static final String MASK = "[masked]";

    /** A word that hides a part of itself. It begins where a word does, so that a long text takes no longer per letter. */
    private static final Pattern HIDING = Pattern.compile("(?<![\\w-])([\\w-]*+)[*.•…]++([\\w-]*+)");

    /** The value of the {@code Authorization} header. */
    public String bearer() {
        return "Bearer " + value;
    }

    /** {@code text} without this key, and without the words that show its beginning or its end, such as ****3750. */
    public String maskedIn(String text) {
        return HIDING.matcher(text.replace(value, MASK)).replaceAll(this::masked);
    }

    private String masked(MatchResult word) {
        String head = word.group(1);
        String tail = word.group(2);
        boolean ours = (head.length() >= SHOWN_BY_PROVIDERS && value.startsWith(head))
                || (tail.length() >= SHOWN_BY_PROVIDERS && value.endsWith(tail));
        return ours ? MASK : Matcher.quoteReplacement(word.group());
    }

    @Override
    public String toString() {
        return "UpstreamKey" + MASK;
    }
}
