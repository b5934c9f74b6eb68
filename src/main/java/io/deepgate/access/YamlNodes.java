package io.deepgate.access;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The nodes of a YAML text and where they stand in it. */
final class YamlNodes {

    private YamlNodes() {}

    /** The document's node, or null if it is empty. */
    static @Nullable Node root(String yaml) {
        Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(yaml);
        return root.orElse(null);
    }

    static @Nullable NodeTuple field(@Nullable Node mapping, String name) {
        return mapping instanceof MappingNode fields
                ? fields.getValue().stream()
                        .filter(field -> name.equals(text(field.getKeyNode())))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    static @Nullable Node value(@Nullable Node mapping, String name) {
        NodeTuple field = field(mapping, name);
        return field == null ? null : field.getValueNode();
    }

    /** The entries of the list that is the value of {@code name}; none if it is not there or no list. */
    static List<Node> entries(@Nullable Node mapping, String name) {
        return value(mapping, name) instanceof SequenceNode list ? list.getValue() : List.of();
    }

    /** Whether the field {@code id} of {@code mapping} is {@code id}. */
    static boolean hasId(Node mapping, String id) {
        return id.equals(text(value(mapping, "id")));
    }

    static @Nullable String text(@Nullable Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : null;
    }

    static boolean isFlow(Node node) {
        return node instanceof CollectionNode<?> collection
                && collection.getFlowStyle() == org.snakeyaml.engine.v2.common.FlowStyle.FLOW;
    }

    static int start(Node node) {
        return mark(node.getStartMark()).getPointer();
    }

    /** Behind the last character that belongs to {@code node}; a block's own mark lies where the next one begins. */
    static int end(Node node) {
        if (isFlow(node)
                || !(node instanceof CollectionNode<?> block)
                || block.getValue().isEmpty()) {
            return mark(node.getEndMark()).getPointer();
        }
        return block.getValue().getLast() instanceof NodeTuple field
                ? end(field.getValueNode())
                : end((Node) block.getValue().getLast());
    }

    static int column(Node node) {
        return mark(node.getStartMark()).getColumn();
    }

    /** Counted from 1. */
    static int line(Node node) {
        return mark(node.getStartMark()).getLine() + 1;
    }

    private static Mark mark(Optional<Mark> mark) {
        return mark.orElseThrow();
    }
}
