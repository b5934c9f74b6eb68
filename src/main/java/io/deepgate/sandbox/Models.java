package io.deepgate.sandbox;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The models there are, and the account that pays for them. */
final class Models {

    static final String FLASH = "deepseek-flash";
    static final String PRO = "deepseek-v4-pro";
    static final int MAX_OUTPUT_TOKENS = 393_216;

    private static final List<String> DEEPSEEKS = List.of(FLASH, PRO);
    private static final List<String> ALL = Stream.concat(
                    DEEPSEEKS.stream(), Stream.of(Manner.values()).map(Manner::model))
            .toList();

    private Models() {}

    /** The model that answers to a name. */
    static String serving(String name) {
        return switch (name) {
            case FLASH, "deepseek-v4-flash" -> FLASH;
            case PRO -> PRO;
            default -> {
                if (Manner.of(name) == null) {
                    throw Refusal.invalid("The supported API model names are %s, but you passed %s."
                            .formatted(String.join(", ", DEEPSEEKS), name));
                }
                yield name;
            }
        };
    }

    static ObjectNode list() {
        ArrayNode data = Json.array();
        ALL.forEach(id -> data.add(describe(id)));
        ObjectNode list = Json.object().put("object", "list");
        list.set("data", data);
        return list;
    }

    static boolean exists(String id) {
        return ALL.contains(id);
    }

    static ObjectNode describe(String id) {
        return Json.object()
                .put("id", id)
                .put("object", "model")
                .put("owned_by", "deepseek")
                .put("name", id.equals(PRO) ? "DeepSeek-V4-Pro" : "DeepSeek-V4.1-Flash")
                .put("context_window", 1_048_576)
                .put("max_output_tokens", MAX_OUTPUT_TOKENS);
    }

    static ObjectNode balance(boolean available) {
        String total = available ? "110.00" : "0.00";
        ObjectNode balance = Json.object().put("is_available", available);
        balance.set(
                "balance_infos",
                Json.array(Json.object()
                        .put("currency", "CNY")
                        .put("total_balance", total)
                        .put("granted_balance", "0.00")
                        .put("topped_up_balance", total)));
        return balance;
    }
}
