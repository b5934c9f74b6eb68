package io.deepgate.shadow;

import io.deepgate.catalog.Price;
import io.deepgate.catalog.Rewrite;
import io.deepgate.catalog.Shadowed;
import io.deepgate.forward.Answer;
import io.deepgate.forward.Forwarder;
import io.deepgate.forward.Outgoing;
import io.deepgate.forward.SingleAttempt;
import io.deepgate.relay.AnswerMeter;
import io.deepgate.relay.DocumentRelay;
import io.deepgate.relay.StreamRelay;
import io.deepgate.relay.StreamRelay.Hidden;
import io.deepgate.relay.TokenUsage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One question to a candidate that a client has had answered already. */
final class ShadowAttempt {

    /** What is kept for review. */
    private record Pair(
            Instant at, String alias, String tenant, JsonNode request, ChatAnswer stable, ChatAnswer candidate) {}

    private static final Logger log = LoggerFactory.getLogger(ShadowAttempt.class);

    final Sampled sampled;
    private final Shadows shadows;
    private final AnswerMeter meter = new AnswerMeter();
    private final Heard heard;
    private final Instant startedAt = Instant.now();
    private final long openedAt = System.nanoTime();
    private volatile @Nullable SingleAttempt single;
    private volatile @Nullable Disposable running;

    ShadowAttempt(Shadows shadows, Sampled sampled) {
        this.shadows = shadows;
        this.sampled = sampled;
        this.heard = new Heard(shadows.longestAnswer(), sampled::hold);
    }

    /** Asks, and returns at once; false if that would have to wait for a place, or cannot be sent at all. */
    boolean begin(Forwarder forwarder, Rewrite rewrite, EventLoop loop) {
        Shadowed rule = sampled.rule;
        Outgoing outgoing = new Outgoing(
                Shadows.NOBODY,
                List.of(rule.candidate()),
                sampled.endpoint,
                HttpHeaders.EMPTY,
                sampled.body.bytes().retain(),
                () -> {},
                route -> rewrite.of(sampled.body, route, sampled.tenant, sampled.endpoint.dialect()),
                null,
                sampled.body.stream(),
                loop,
                Context.root());
        SingleAttempt single;
        try {
            single = forwarder.single(outgoing);
        } catch (RuntimeException e) {
            log.debug("A call cannot be rewritten for the candidate", e);
            return false;
        }
        if (single == null) {
            return false;
        }
        this.single = single;
        running = relayed(single.answer()).doFinally(this::ended).subscribe(this::hear, this::tell, () -> tell(null));
        return true;
    }

    private Flux<ByteBuf> relayed(Answer answer) {
        return sampled.body.stream()
                ? new StreamRelay(answer, meter, new Hidden(true, false)).bytes()
                : new DocumentRelay(answer, meter).bytes();
    }

    private void hear(ByteBuf piece) {
        heard.add(piece);
        piece.release();
    }

    private void tell(@Nullable Throwable failure) {
        Shadowed rule = sampled.rule;
        Price price = rule.price(startedAt);
        TokenUsage tokens = failure == null || meter.firstContentAt() != 0
                ? meter.usage(sampled.body.estimatedTokens())
                : TokenUsage.NONE;
        long firstAt = meter.firstContentAt();
        Told told = new Told(
                failure == null ? meter.finish() : null,
                tokens,
                price == null ? null : price.nanos(tokens.inputCached(), tokens.inputUncached(), tokens.output()),
                Duration.ofNanos(System.nanoTime() - openedAt),
                firstAt == 0 || !sampled.body.stream() ? null : Duration.ofNanos(firstAt - openedAt));
        shadows.budget(rule.alias()).spend(tokens.total(), told.cost());
        shadows.meters().ended(rule.alias(), result(failure), told);
        shadows.sink()
                .add(new ShadowCall(
                        sampled.tenant,
                        sampled.endpoint,
                        rule.candidate(),
                        sampled.body.stream(),
                        meter.model(),
                        startedAt,
                        told,
                        failure));
        Told stable = sampled.told;
        if (failure == null && stable != null) {
            shadows.meters().compare(rule.alias(), stable, told);
            examine(rule.alias());
        }
    }

    /** Elsewhere: schemas and large answers take their time, and the loop has others to hear. */
    private void examine(String alias) {
        byte[] request = new byte[sampled.body.bytes().readableBytes()];
        sampled.body.bytes().getBytes(sampled.body.bytes().readerIndex(), request);
        byte[] stable = sampled.heard();
        byte[] candidate = heard.bytes();
        boolean stream = sampled.body.stream();
        Schedulers.boundedElastic().schedule(() -> {
            ChatAnswer one = ChatAnswer.of(stable, stream);
            ChatAnswer other = ChatAnswer.of(candidate, stream);
            if (one != null && other != null) {
                try {
                    JsonNode asked = JsonMapper.shared().readTree(request);
                    shadows.meters().examined(alias, Examined.of(asked, one), Examined.of(asked, other));
                    keep(asked, one, other);
                } catch (JacksonException e) {
                    log.debug("A request cannot be read again");
                }
            }
        });
    }

    private void keep(JsonNode asked, ChatAnswer stable, ChatAnswer candidate) {
        PairStore pairs = shadows.pairs();
        if (pairs != null && sampled.tenant.keepShadowPairs()) {
            Pair pair = new Pair(startedAt, sampled.rule.alias(), sampled.tenant.id(), asked, stable, candidate);
            pairs.keep(JsonMapper.shared().writeValueAsString(pair));
        }
    }

    private static String result(@Nullable Throwable failure) {
        return failure == null ? "completed" : failure instanceof CancellationException ? "cancelled" : "failed";
    }

    private void ended(SignalType how) {
        if (how == SignalType.CANCEL) {
            tell(new CancellationException());
        }
        SingleAttempt single = this.single;
        if (single != null) {
            single.close();
        }
        shadows.ended(this);
    }

    /** Ends it now. */
    void cancel() {
        Disposable running = this.running;
        if (running != null) {
            running.dispose();
        }
    }
}
