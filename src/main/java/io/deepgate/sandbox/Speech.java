package io.deepgate.sandbox;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The words of an answer. */
final class Speech {

    static final List<String> THOUGHT = Tokens.split("""
            We are in the sandbox, so no model is running. I should say so plainly, repeat the question so that \
            the reader sees it arrived, and stop there.""");

    private static final List<String> STORY = Tokens.split("""
            This is the sandbox speaking: nothing leaves this machine and nothing is charged. The tokens of this \
            answer come one by one, at the pace of a model, so that a client can be watched at work.\s""");

    private Speech() {}

    static List<String> answering(Ask ask) {
        Directives directives = ask.directives();
        String question = Directives.without(ask.question());
        JsonNode schema = ask.schema();
        if (directives.has(Directive.SAY)) {
            return upToStop(directives.text(Directive.SAY, ""), ask.stops());
        }
        if (schema != null) {
            return Tokens.split((schema.isEmpty() ? anything(question) : Example.of(schema)).toString());
        }
        if (directives.has(Directive.TOKENS)) {
            return story(directives.number(Directive.TOKENS, 0));
        }
        return upToStop(String.join("", STORY) + "You asked: " + question, ask.stops());
    }

    private static JsonNode anything(String question) {
        return Json.object().put("sandbox", true).put("question", question);
    }

    private static List<String> story(int length) {
        List<String> tokens = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            tokens.add(STORY.get(i % STORY.size()));
        }
        return tokens;
    }

    private static List<String> upToStop(String text, List<String> stops) {
        String rest = text;
        for (String stop : stops) {
            int at = stop.isEmpty() ? -1 : rest.indexOf(stop);
            rest = at < 0 ? rest : rest.substring(0, at);
        }
        return Tokens.split(rest);
    }
}
