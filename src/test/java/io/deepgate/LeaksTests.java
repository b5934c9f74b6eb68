package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeaksTests {

    @Test
    void findsWhatIsLeaked() {
        leak();

        assertThat(Leaks.found()).singleElement().asString().contains("LeaksTests.leak");
        assertThat(Leaks.found()).isEmpty();
    }

    private static void leak() {
        ByteBufAllocator.DEFAULT.buffer(16).touch("by LeaksTests");
    }
}
