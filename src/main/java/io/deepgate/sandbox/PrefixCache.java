package io.deepgate.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Remembers the beginnings of prompts in blocks of 64 tokens, for each model and user id apart. */
final class PrefixCache {

    static final int BLOCK = 64;

    private static final int CAPACITY = 200_000;

    private final Map<Prefix, Boolean> prefixes = new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Prefix, Boolean> eldest) {
            return size() > CAPACITY;
        }
    };

    /** How many tokens of the prompt were seen before; the whole of it has been seen afterwards. */
    int read(Ask ask) {
        List<Prefix> blocks = blocks(ask);
        synchronized (prefixes) {
            int known = 0;
            while (known < blocks.size() && prefixes.get(blocks.get(known)) != null) {
                known++;
            }
            blocks.subList(known, blocks.size()).forEach(block -> prefixes.put(block, true));
            return known * BLOCK;
        }
    }

    private static List<Prefix> blocks(Ask ask) {
        List<Prefix> blocks = new ArrayList<>();
        String prompt = ask.prompt();
        long hash = 0;
        long tenths = 0;
        for (int at = 0; at < prompt.length(); ) {
            int character = prompt.codePointAt(at);
            at += Character.charCount(character);
            hash = 0x100000001b3L * hash + character + 1;
            tenths += Tokens.tenths(character);
            if (tenths >= 10L * BLOCK * (blocks.size() + 1)) {
                blocks.add(new Prefix(ask.model(), ask.userId(), hash));
            }
        }
        return blocks;
    }

    private record Prefix(String model, String userId, long hash) {}
}
