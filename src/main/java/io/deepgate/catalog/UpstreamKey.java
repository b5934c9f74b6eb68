package io.deepgate.catalog;

/** Our secret at a provider. */
public record UpstreamKey(String value) {

    private static final int SHOWN_BY_PROVIDERS = 4;
    private static final String MASK = "[masked]";

    /** The value of the {@code Authorization} header. */
    public String bearer() {
        return "Bearer " + value;
    }

    /** {@code text} without this key, and without the stars and last characters by which a provider names it. */
    public String maskedIn(String text) {
        if (value.length() <= SHOWN_BY_PROVIDERS) {
            return text;
        }
        String tail = value.substring(value.length() - SHOWN_BY_PROVIDERS);
        return text.replace(value, MASK).replace("*" + tail, MASK);
    }

    @Override
    public String toString() {
        return "UpstreamKey" + MASK;
    }
}
