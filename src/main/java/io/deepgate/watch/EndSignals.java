package io.deepgate.watch;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * SIGTERM and SIGINT end the process in order, with exit code 0; a second one ends it at once. The JVM's own handling ends
 * it with 143, and takes no notice of a second signal while the first is served. {@code sun.misc.Signal}, which every JDK
 * has, is reached by reflection, since the compiler warns of it and cannot be told not to.
 */
public final class EndSignals {

    private static final int ENDED_BY_SIGNAL = 128;
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    private static final AtomicBoolean ending = new AtomicBoolean();
    private static volatile @Nullable ConfigurableApplicationContext gateway;

    private EndSignals() {}

    /** Handles them from now on. */
    public static void handle() {
        try {
            handle("TERM", SIGTERM);
            handle("INT", SIGINT);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("every JDK has sun.misc.Signal", e);
        }
    }

    /**
     * From now on the first one closes {@code started} before the process ends, at whose end H2 closes the ledger: that would
     * be while the gateway still drains.
     */
    public static void closeFirst(ConfigurableApplicationContext started) {
        gateway = started;
    }

    private static void handle(String name, int number) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object ends = Proxy.newProxyInstance(
                EndSignals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                    end(number);
                    return null;
                });
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), ends);
    }

    private static void end(int signal) {
        if (ending.compareAndSet(false, true)) {
            // Not a signal's own thread, which is a daemon: the process ends when the servers' threads have.
            Thread.ofPlatform().name("end").daemon(false).start(EndSignals::end);
        } else {
            Runtime.getRuntime().halt(ENDED_BY_SIGNAL + signal);
        }
    }

    private static void end() {
        try {
            ConfigurableApplicationContext started = gateway;
            if (started != null) {
                started.close();
            }
        } finally {
            System.exit(0);
        }
    }
}
