package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.api.Member;
import io.deepgate.api.Opening;
import io.deepgate.api.RequestBody;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Which conversation a call belongs to, as a number: by a header, else the caller's {@code user_id} or {@code user}, else
 * what a conversation begins with. It is the same on every replica, and after a restart.
 */
final class Conversation {

    private Conversation() {}

    /** @param header the name of the header that tells; null for none */
    static long of(Tenant tenant, RequestBody body, HttpHeaders headers, @Nullable String header) {
        String said = header == null ? null : headers.getFirst(header);
        if (said == null || said.isEmpty()) {
            said = user(body);
        }
        long which = said == null ? Opening.hash(body) : hash(said);
        return mixed(hash(tenant.id()) + mixed(which));
    }

    private static @Nullable String user(RequestBody body) {
        for (String name : Member.USERS) {
            Member member = body.member(name);
            if (member != null && member.text() != null && !member.text().isEmpty()) {
                return member.text();
            }
        }
        return null;
    }

    /** FNV-1a over the characters. */
    static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** A number from 0 up to, without, 1 that is as good as drawn, but always the same for {@code hash}. */
    static double fraction(long hash) {
        return (mixed(hash) >>> 11) * 0x1.0p-53;
    }

    /** Spreads what differs in any bit over all. Source: David Stafford's Mix13, of SplittableRandom. */
    private static long mixed(long hash) {
        long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
