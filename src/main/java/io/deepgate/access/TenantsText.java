package io.deepgate.access;

import static io.deepgate.access.YamlNodes.column;
import static io.deepgate.access.YamlNodes.end;
import static io.deepgate.access.YamlNodes.entries;
import static io.deepgate.access.YamlNodes.field;
import static io.deepgate.access.YamlNodes.isFlow;
import static io.deepgate.access.YamlNodes.start;

import io.deepgate.access.TenantEntry.KeyEntry;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/**
 * The text of a tenants file, changed only where it must be: comments, order and spacing of all else stay. Each change
 * gives another text.
 */
final class TenantsText {

    private static final String REST = "models: [\"*\"]";
    private static final String LIMITS =
            "limits: { requests-per-minute: 600, tokens-per-minute: 2000000, concurrent-requests: 64 }";

    private final String yaml;
    private final @Nullable Node root;

    /** @param yaml what {@link TenantsReader} can read */
    TenantsText(String yaml) {
        this.yaml = yaml;
        this.root = YamlNodes.root(yaml);
    }

    String yaml() {
        return yaml;
    }

    private List<Node> tenants() {
        return entries(root, "tenants");
    }

    /** The line that names the tenant, from 1; 0 if none does. */
    int lineOfTenant(String id) {
        return line(tenants().stream(), id);
    }

    /** The line that names the key, from 1; 0 if none does. */
    int lineOfKey(String id) {
        return line(tenants().stream().flatMap(tenant -> entries(tenant, "keys").stream()), id);
    }

    private static int line(Stream<Node> entries, String id) {
        return entries.filter(entry -> YamlNodes.hasId(entry, id))
                .map(YamlNodes::line)
                .reduce((first, last) -> last)
                .orElse(0);
    }

    /** Adds {@code key} behind the others of the tenant, and the tenant, with usual limits, if it is not there. */
    TenantsText withKey(String tenant, KeyEntry key) {
        for (Node entry : tenants()) {
            if (YamlNodes.hasId(entry, tenant)) {
                return withKey(entry, line(key));
            }
        }
        return withTenant(tenant, line(key));
    }

    private TenantsText withKey(Node tenant, String key) {
        List<Node> keys = entries(tenant, "keys");
        NodeTuple field = field(tenant, "keys");
        if (!keys.isEmpty()) {
            Node list = Objects.requireNonNull(field).getValueNode();
            int end = end(keys.getLast());
            return isFlow(list)
                    ? insert(end, ", " + key)
                    : insert(endOfLine(end), "\n" + " ".repeat(column(list)) + "- " + key);
        }
        if (field != null) {
            return replaceValue(field, " [" + key + "]");
        }
        NodeTuple id = Objects.requireNonNull(field(tenant, "id"));
        int end = end(id.getValueNode());
        return isFlow(tenant)
                ? insert(end, ", keys: [" + key + "]")
                : insert(endOfLine(end), "\n" + " ".repeat(column(id.getKeyNode())) + "keys: [" + key + "]");
    }

    private TenantsText withTenant(String id, String key) {
        List<Node> tenants = tenants();
        NodeTuple field = field(root, "tenants");
        if (field == null) {
            String before = yaml.isEmpty() || yaml.endsWith("\n") ? yaml : yaml + "\n";
            return new TenantsText(before + "tenants:" + tenant(2, id, key) + "\n");
        }
        if (tenants.isEmpty()) {
            return replaceValue(field, tenant(column(field.getKeyNode()) + 2, id, key));
        }
        Node list = field.getValueNode();
        int end = end(tenants.getLast());
        return isFlow(list)
                ? insert(end, ", { id: " + id + ", keys: [" + key + "], " + REST + ", " + LIMITS + " }")
                : insert(endOfLine(end), tenant(column(list), id, key));
    }

    private static String tenant(int indent, String id, String key) {
        String first = "\n" + " ".repeat(indent);
        String next = first + "  ";
        return first + "- id: " + id + next + "keys:" + next + "  - " + key + next + REST + next + LIMITS;
    }

    private static String line(KeyEntry key) {
        return "{ id: " + key.id() + ", sha256: " + key.sha256() + ", created: " + key.created() + ", expires: "
                + key.expires() + " }";
    }

    /** Lets the key {@code id}, which is there, end at {@code expires}. */
    TenantsText withExpiry(String id, Instant expires) {
        Node key = key(id);
        NodeTuple field = field(key, "expires");
        if (field != null) {
            return replaceValue(field, " " + expires);
        }
        NodeTuple named = Objects.requireNonNull(field(key, "id"));
        int end = end(named.getValueNode());
        return isFlow(key)
                ? insert(end, ", expires: " + expires)
                : insert(endOfLine(end), "\n" + " ".repeat(column(named.getKeyNode())) + "expires: " + expires);
    }

    /** Takes out the key {@code id}, which is there. */
    TenantsText withoutKey(String id) {
        Node tenant = tenants().stream()
                .filter(one -> entries(one, "keys").stream().anyMatch(key -> YamlNodes.hasId(key, id)))
                .findFirst()
                .orElseThrow();
        List<Node> keys = entries(tenant, "keys");
        int at = keys.indexOf(key(id));
        Node key = keys.get(at);
        NodeTuple field = Objects.requireNonNull(field(tenant, "keys"));
        if (keys.size() == 1) {
            return replaceValue(field, " []");
        }
        if (isFlow(field.getValueNode())) {
            return at == 0 ? replace(start(key), start(keys.get(1)), "") : replace(end(keys.get(at - 1)), end(key), "");
        }
        int dash = yaml.lastIndexOf('-', offset(start(key)) - 1);
        int from = yaml.lastIndexOf('\n', dash) + 1;
        int until = Math.min(yaml.length(), yaml.indexOf('\n', offset(end(key))) + 1);
        return new TenantsText(yaml.substring(0, from) + yaml.substring(until));
    }

    private Node key(String id) {
        return tenants().stream()
                .flatMap(tenant -> entries(tenant, "keys").stream())
                .filter(key -> YamlNodes.hasId(key, id))
                .findFirst()
                .orElseThrow();
    }

    /** Puts {@code text} behind the colon of {@code field}, instead of its value. */
    private TenantsText replaceValue(NodeTuple field, String text) {
        int colon = yaml.indexOf(':', offset(end(field.getKeyNode())));
        int until = Math.max(colon + 1, offset(end(field.getValueNode())));
        return new TenantsText(yaml.substring(0, colon + 1) + text + yaml.substring(until));
    }

    private TenantsText insert(int place, String text) {
        return replace(place, place, text);
    }

    private TenantsText replace(int from, int until, String text) {
        return new TenantsText(yaml.substring(0, offset(from)) + text + yaml.substring(offset(until)));
    }

    /** Behind the line of {@code place}, so that a comment there stays with it. */
    private int endOfLine(int place) {
        int end = yaml.indexOf('\n', offset(place));
        return yaml.codePointCount(0, end < 0 ? yaml.length() : end);
    }

    /** The parser counts code points. */
    private int offset(int codePoints) {
        return yaml.offsetByCodePoints(0, codePoints);
    }
}
