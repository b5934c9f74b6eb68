package io.deepgate.sandbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The body of an answer in time: what is written when, and what becomes of the connection after it.
 *
 * @param interval from one token to the next
 */
record Script(Flux<String> body, Duration interval, End end) {

    /** What timers can tell apart, in nanoseconds; what is due sooner is written at once. */
    private static final long FINEST = 1_000_000;

    static final String HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n";

    /** What follows the last byte of the body. */
    enum End {
        COMPLETE,
        SILENCE,
        RESET
    }

    static Script of(Answer answer, Format format, SandboxProperties properties) {
        Directives directives = answer.ask().directives();
        boolean stream = answer.ask().stream();
        String keepAlive = stream ? format.keepAlive() : "\n";
        Duration beat = properties.keepAlive();
        Duration interval =
                Duration.ofSeconds(1).dividedBy(directives.number(Directive.RATE, properties.tokensPerSecond()));
        if (directives.has(Directive.KEEP_ALIVE_FOREVER)) {
            return new Script(beats(keepAlive, Duration.ZERO, beat), interval, End.SILENCE);
        }

        Duration wait = directives.duration(Directive.DELAY, properties.firstTokenDelay());
        Flux<Frame> frames;
        if (stream) {
            frames = format.events(answer);
        } else {
            frames = halves(format.whole(answer).toString());
            wait = wait.plus(interval.multipliedBy(answer.usage().completion()));
        }
        End end = directives.has(Directive.NEVER_ENDS) ? End.SILENCE : End.COMPLETE;
        Cut cut = Cut.from(directives);
        if (cut != null) {
            frames = cut.frames(frames, stream);
            end = cut.end();
        }

        Flux<String> queue = directives.has(Directive.QUEUE)
                ? beats(keepAlive, Duration.ZERO, beat).take(directives.duration(Directive.QUEUE, Duration.ZERO))
                : Flux.empty();
        Flux<String> thinking =
                wait.isZero() ? Flux.empty() : beats(keepAlive, beat, beat).take(wait);
        return new Script(Flux.concat(queue, thinking, paced(frames, interval)), interval, end);
    }

    /** Beats that a client is too slow to take are skipped. */
    private static Flux<String> beats(String text, Duration first, Duration beat) {
        return Flux.interval(first, beat).onBackpressureDrop().map(tick -> text);
    }

    /** A body that is no stream has one place where it can be cut. */
    private static Flux<Frame> halves(String whole) {
        int middle = whole.length() / 2;
        return Flux.just(Frame.content(whole.substring(0, middle)), Frame.other(whole.substring(middle)));
    }

    /** Keeps to the clock rather than to the gaps, so that late timers do not slow a fast answer down. */
    private static Flux<String> paced(Flux<Frame> frames, Duration interval) {
        return Flux.defer(() -> {
            long[] due = {System.nanoTime() - interval.toNanos()};
            return frames.concatMap(
                    frame -> {
                        if (!frame.content()) {
                            return Mono.just(frame.text());
                        }
                        due[0] += interval.toNanos();
                        long wait = due[0] - System.nanoTime();
                        return wait < FINEST
                                ? Mono.just(frame.text())
                                : Mono.delay(Duration.ofNanos(wait)).thenReturn(frame.text());
                    },
                    1);
        });
    }

    /** An answer that breaks off after so many content events. */
    private record Cut(int after, Flux<Frame> remains, End end) {

        static @Nullable Cut from(Directives directives) {
            if (directives.has(Directive.STALL_AFTER)) {
                return new Cut(directives.number(Directive.STALL_AFTER, 0), Flux.empty(), End.SILENCE);
            }
            if (directives.has(Directive.RESET_AFTER)) {
                return new Cut(directives.number(Directive.RESET_AFTER, 0), Flux.empty(), End.RESET);
            }
            if (directives.has(Directive.CLOSE_AFTER)) {
                return new Cut(directives.number(Directive.CLOSE_AFTER, 0), Flux.empty(), End.COMPLETE);
            }
            if (directives.has(Directive.GARBAGE_AFTER)) {
                return new Cut(
                        directives.number(Directive.GARBAGE_AFTER, 0), Flux.just(Frame.other(HTML)), End.COMPLETE);
            }
            return null;
        }

        Flux<Frame> frames(Flux<Frame> frames, boolean stream) {
            int wanted = stream ? after : Math.min(after, 1);
            if (wanted == 0) {
                return remains;
            }
            Flux<Frame> kept = Flux.defer(() -> {
                int[] seen = {0};
                return frames.takeUntil(frame -> frame.content() && ++seen[0] == wanted);
            });
            return kept.concatWith(remains);
        }
    }
}
