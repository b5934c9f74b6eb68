package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Changes to a request's bytes; of a long one, unless they are very many, what is not changed is shared, not copied. */
public final class Splice {

    /** Up to so many bytes a copy is cheaper: pieces cost more than the bytes in them. */
    private static final int SHORT = 8 * 1024;

    /** Beyond these a copy is cheaper: each write of a buffer in very many pieces looks at all that are left. */
    private static final int MOST_EDITS = 500;

    /** Bytes by which few edits lengthen a request. */
    private static final int ROOM = 64;

    private record Edit(int start, int end, String with) {}

    private final RequestBody body;
    private final List<Edit> edits = new ArrayList<>(4);
    private final List<Member> removed = new ArrayList<>(0);
    private final StringBuilder added = new StringBuilder();

    public Splice(RequestBody body) {
        this.body = body;
    }

    /** Writes {@code json} instead of the bytes from {@code start} up to {@code end}. */
    public void replace(int start, int end, String json) {
        edits.add(new Edit(start, end, json));
    }

    /** Gives the member another value. */
    public void replace(Member member, String json) {
        replace(member.valueStart(), member.valueEnd(), json);
    }

    /** Gives {@code name} a value, whether or not it has one. */
    public void set(String name, String json) {
        Member member = body.members().get(name);
        if (member != null) {
            replace(member, json);
        } else {
            added.append('"').append(name).append("\":").append(json).append(',');
        }
    }

    /** Gives the member another name. */
    public void rename(Member member, String name) {
        replace(member.keyStart(), member.valueStart(), '"' + name + "\":");
    }

    /** Takes the member out, with its comma. */
    public void remove(Member member) {
        removed.add(member);
    }

    /** The changed bytes; they may share the body's memory and are the caller's to release. */
    public ByteBuf apply() {
        removals();
        ByteBuf bytes = body.bytes();
        if (!added.isEmpty()) {
            int first = bytes.indexOf(bytes.readerIndex(), bytes.writerIndex(), (byte) '{') + 1;
            replace(first, first, added.toString());
        }
        if (edits.isEmpty()) {
            return bytes.retainedSlice();
        }
        // What is added before the first member begins where that member's own edit begins, and goes before it.
        edits.sort(Comparator.comparingInt(Edit::start).thenComparingInt(Edit::end));
        return bytes.readableBytes() <= SHORT || edits.size() > MOST_EDITS ? copied(bytes) : shared(bytes);
    }

    private ByteBuf shared(ByteBuf bytes) {
        CompositeByteBuf spliced = ByteBufAllocator.DEFAULT.compositeBuffer(2 * edits.size() + 1);
        int at = bytes.readerIndex();
        for (Edit edit : edits) {
            spliced.addComponent(true, bytes.retainedSlice(at, edit.start - at));
            spliced.addComponent(true, direct(edit.with));
            at = edit.end;
        }
        return spliced.addComponent(true, bytes.retainedSlice(at, bytes.writerIndex() - at));
    }

    /** Outside the heap: a single piece within it, and all that is sent would be copied. */
    private static ByteBuf direct(String text) {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(ByteBufUtil.utf8MaxBytes(text.length()));
        bytes.writeCharSequence(text, StandardCharsets.UTF_8);
        return bytes;
    }

    private ByteBuf copied(ByteBuf bytes) {
        ByteBuf spliced = ByteBufAllocator.DEFAULT.directBuffer(bytes.readableBytes() + ROOM);
        int at = bytes.readerIndex();
        for (Edit edit : edits) {
            spliced.writeBytes(bytes, at, edit.start - at);
            spliced.writeCharSequence(edit.with, StandardCharsets.UTF_8);
            at = edit.end;
        }
        return spliced.writeBytes(bytes, at, bytes.writerIndex() - at);
    }

    /** A member goes with the comma behind it while all before it have gone too, else with the one before it. */
    private void removals() {
        removed.sort(Comparator.comparingInt(Member::index));
        for (int i = 0; i < removed.size(); i++) {
            Member member = removed.get(i);
            if (member.index() == i) {
                replace(member.keyStart(), skip(member.valueEnd(), 1), "");
            } else {
                replace(skip(member.keyStart() - 1, -1), member.valueEnd(), "");
            }
        }
    }

    /** From {@code at}, the position of the next comma in the given direction, or forwards that behind it. */
    private int skip(int at, int direction) {
        int comma = at;
        while (body.bytes().getByte(comma) != ',') {
            comma += direction;
        }
        return direction > 0 ? comma + 1 : comma;
    }
}
