package io.deepgate.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RequestIdTests {

    @Test
    void isAUuidOfVersion7() {
        for (int i = 0; i < 1000; i++) {
            String id = RequestId.next();
            assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            assertThat(UUID.fromString(id).version()).isEqualTo(7);
            assertThat(UUID.fromString(id).variant()).isEqualTo(2);
        }
    }

    @Test
    void holdsItsTime() {
        long before = System.currentTimeMillis();
        long time = UUID.fromString(RequestId.next()).getMostSignificantBits() >>> 16;

        assertThat(time).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void sortsByTime() {
        String early = RequestId.next();
        long then = System.currentTimeMillis();
        while (System.currentTimeMillis() == then) {
            Thread.onSpinWait();
        }

        assertThat(RequestId.next()).isGreaterThan(early);
    }

    @Test
    void doesNotRepeat() {
        assertThat(Stream.generate(RequestId::next).limit(10_000)).doesNotHaveDuplicates();
    }
}
