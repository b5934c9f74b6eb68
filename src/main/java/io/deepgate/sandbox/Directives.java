package io.deepgate.sandbox;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.convert.DurationStyle;

/**
 * What the last user message asks of the sandbox, written between double brackets; several may be given, and other text around them.
 *
 * <ul>
 *   <li>{@code [[status 503]]} is refused with 400, 401, 402, 422, 429, 500 or 503, in DeepSeek's words
 *   <li>{@code [[stall]]} never answers, not even with headers
 *   <li>{@code [[stall after 5]]} sends five content events, then nothing; the connection stays open
 *   <li>{@code [[keep-alive forever]]} sends comments (or blank lines) and never an answer
 *   <li>{@code [[reset]]} resets the connection before the headers
 *   <li>{@code [[reset after 5]]} resets the connection after five content events
 *   <li>{@code [[close after 5]]} ends the body properly after five content events, without finish or [DONE]
 *   <li>{@code [[never ends]]} sends all of the answer, but never the end of the body
 *   <li>{@code [[garbage]]} answers 200 with a page of HTML
 *   <li>{@code [[garbage after 3]]} writes HTML into the body after three content events, and ends it
 *   <li>{@code [[queue 3s]]} waits three seconds in the queue, with keep-alives, and then answers
 *   <li>{@code [[delay 2s]]} takes two seconds to the first token
 *   <li>{@code [[rate 20]]} writes twenty tokens per second
 *   <li>{@code [[tokens 200]]} answers with two hundred tokens of content
 *   <li>{@code [[say some text]]} answers with exactly that text, and calls no tool
 *   <li>{@code [[finish length]]} ends with that finish reason
 *   <li>{@code [[null content]]} answers with null for content
 *   <li>{@code [[empty choices]]} answers with no choices at all
 *   <li>{@code [[no usage]]} leaves usage out
 *   <li>{@code [[usage separate]]} sends usage as vLLM does: in a chunk of its own, and only to who asked for it
 * </ul>
 *
 * <p>A body that is not a stream has no events: "after" cuts it in half then. The directives work on every route that generates;
 * only {@code [[usage separate]]} is for chat completions alone.
 */
record Directives(Map<Directive, String> given) {

    /** Lower case only, so that matrices, shell tests and most wiki links are left alone. */
    private static final Pattern BRACKETS = Pattern.compile("\\[\\[([a-z].*?)]]", Pattern.DOTALL);

    /** Reads them out of a message; an unknown one is refused with a list of those that exist. */
    static Directives in(String message) {
        Map<Directive, String> given = new EnumMap<>(Directive.class);
        BRACKETS.matcher(message).results().map(Directives::text).forEach(text -> add(given, text));
        return new Directives(given);
    }

    static String without(String message) {
        return BRACKETS.matcher(message).replaceAll("").strip();
    }

    boolean has(Directive directive) {
        return given.containsKey(directive);
    }

    String text(Directive directive, String otherwise) {
        return given.getOrDefault(directive, otherwise);
    }

    int number(Directive directive, int otherwise) {
        String number = given.get(directive);
        return number == null ? otherwise : Integer.parseInt(number);
    }

    Duration duration(Directive directive, Duration otherwise) {
        String duration = given.get(directive);
        return duration == null ? otherwise : DurationStyle.SIMPLE.parse(duration);
    }

    private static String text(MatchResult match) {
        return match.group(1).strip();
    }

    private static void add(Map<Directive, String> given, String text) {
        for (Directive directive : Directive.values()) {
            String argument = directive.argument(text);
            if (argument != null) {
                given.put(directive, argument);
                return;
            }
        }
        throw Refusal.invalid("The sandbox has no directive [[" + text + "]]. It knows "
                + Arrays.stream(Directive.values()).map(Directive::example).collect(Collectors.joining(", ")) + ".");
    }
}
