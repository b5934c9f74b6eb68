package io.deepgate.shadow;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.OpenCalls;
import io.deepgate.api.Dialect;
import io.deepgate.api.Endpoint;
import io.deepgate.api.RequestBody;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Rewrite;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Shadowed;
import io.deepgate.catalog.Variant;
import io.deepgate.forward.Forwarder;
import io.deepgate.shadow.ShadowMeters.Drop;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * Asks candidates what stable has been asked, on an event loop of its own. Whatever is too much is dropped: a call that is
 * sampled is not delayed, and fails by nothing that happens here.
 */
public final class Shadows implements AutoCloseable {

    /** In whose name upstreams are asked: the breakers of tenants, and of what they pay, know nothing of it. */
    static final Tenant NOBODY = new Tenant("(shadow)", List.of(), Limits.NONE, Budget.NONE, 1, false, false);

    private final OpenCalls calls;
    private final Forwarder forwarder;
    private final Rewrite rewrite;
    private final ShadowSink sink;
    private final ShadowProperties properties;
    private final ShadowMeters meters;
    private final InstantSource clock;
    private final LoopResources loops = LoopResources.create("shadow", 1, true);
    private final EventLoop loop = loops.onClient(true).next();
    private final Map<String, ShadowBudget> budgets = new ConcurrentHashMap<>();
    private final AtomicLong held = new AtomicLong();
    private final Queue<Sampled> waiting = new ArrayDeque<>();
    private final Set<ShadowAttempt> inFlight = new HashSet<>();
    private final @Nullable PairStore pairs;
    private final Disposable forgetting;
    private boolean closed;

    Shadows(
            OpenCalls calls,
            Forwarder forwarder,
            Rewrite rewrite,
            ShadowSink sink,
            ShadowProperties properties,
            MeterRegistry registry,
            InstantSource clock) {
        this.calls = calls;
        this.forwarder = forwarder;
        this.rewrite = rewrite;
        this.sink = sink;
        this.properties = properties;
        this.meters = new ShadowMeters(registry);
        this.clock = clock;
        pairs = properties.pairs().store(clock);
        forgetting = pairs == null
                ? Disposables.disposed()
                : Schedulers.boundedElastic().schedulePeriodically(pairs::forget, 0, 10, TimeUnit.MINUTES);
        Gauge.builder("gateway.shadow.queued", this, Shadows::queued)
                .description("Sampled calls that wait to be asked of the candidate")
                .register(registry);
        Gauge.builder("gateway.shadow.in.flight", this, Shadows::inFlight)
                .description("Calls that the candidate is asked just now")
                .register(registry);
        Gauge.builder("gateway.shadow.bodies", held, AtomicLong::get)
                .description("Requests and answers of sampled calls held in memory")
                .baseUnit("bytes")
                .register(registry);
    }

    /**
     * Whether the call that goes to {@code route} is to be asked of the candidate as well: null if not, and then nothing is
     * made. Who gets a sample ends it.
     */
    public @Nullable Sampled sample(Catalog catalog, Tenant tenant, Route route, RequestBody body, Endpoint endpoint) {
        if (route.variant() != Variant.STABLE || !tenant.shadowCalls()) {
            return null;
        }
        Shadowed rule = catalog.shadowed().get(route.alias());
        if (rule == null
                || endpoint.dialect() != Dialect.CHAT
                || ThreadLocalRandom.current().nextDouble(100) >= rule.shadow().share()) {
            return null;
        }
        return sampled(tenant, rule, body, endpoint);
    }

    private @Nullable Sampled sampled(Tenant tenant, Shadowed rule, RequestBody body, Endpoint endpoint) {
        if (!isAtEase()) {
            meters.dropped(rule.alias(), Drop.LOAD);
            return null;
        }
        int bytes = body.bytes().capacity();
        if (!hold(bytes)) {
            meters.dropped(rule.alias(), Drop.MEMORY);
            return null;
        }
        return new Sampled(this, tenant, rule, endpoint, body, bytes, longestAnswer());
    }

    private boolean isAtEase() {
        return calls.atEase() && forwarder.atEase();
    }

    /** Notes that so many more bytes are in memory; false, and then they do not count, if all together are too much. */
    boolean hold(int bytes) {
        boolean fits = held.addAndGet(bytes) <= properties.bodies().toBytes();
        if (!fits) {
            letGo(bytes);
        }
        return fits;
    }

    void letGo(int bytes) {
        held.addAndGet(-bytes);
    }

    /** The call has been answered: from now on the candidate may be asked. */
    void offer(Sampled sampled) {
        boolean taken;
        synchronized (this) {
            taken = !closed && waiting.size() < properties.queue() + properties.concurrency() - inFlight.size();
            if (taken) {
                waiting.add(sampled);
            }
        }
        if (taken) {
            loop.execute(this::next);
        } else {
            drop(sampled, Drop.QUEUE);
        }
    }

    private void drop(Sampled sampled, Drop reason) {
        meters.dropped(sampled.rule.alias(), reason);
        sampled.release();
    }

    /** On the own event loop, as all that follows. */
    private void next() {
        while (true) {
            ShadowAttempt shadow;
            synchronized (this) {
                if (closed || inFlight.size() >= properties.concurrency()) {
                    return;
                }
                Sampled sampled = waiting.poll();
                if (sampled == null) {
                    return;
                }
                shadow = new ShadowAttempt(this, sampled);
                inFlight.add(shadow);
            }
            begin(shadow);
        }
    }

    private void begin(ShadowAttempt shadow) {
        Shadowed rule = shadow.sampled.rule;
        boolean priced = rule.price(clock.instant()) != null;
        if (!isAtEase()) {
            meters.dropped(rule.alias(), Drop.LOAD);
        } else if (!budget(rule.alias()).allows(rule.shadow(), priced)) {
            meters.dropped(rule.alias(), Drop.BUDGET);
        } else if (shadow.begin(forwarder, rewrite, loop)) {
            return;
        } else {
            meters.dropped(rule.alias(), Drop.LOAD);
        }
        ended(shadow);
    }

    /** The shadow is over, however it ended, and holds nothing any more. */
    void ended(ShadowAttempt shadow) {
        boolean open;
        synchronized (this) {
            inFlight.remove(shadow);
            open = !closed;
        }
        shadow.sampled.release();
        if (open) {
            loop.execute(this::next);
        }
    }

    ShadowBudget budget(String alias) {
        return budgets.computeIfAbsent(alias, name -> new ShadowBudget(clock));
    }

    ShadowMeters meters() {
        return meters;
    }

    /** Where pairs are kept; null for nowhere. */
    @Nullable
    PairStore pairs() {
        return pairs;
    }

    ShadowSink sink() {
        return sink;
    }

    int longestAnswer() {
        return (int) properties.answer().toBytes();
    }

    private synchronized int queued() {
        return waiting.size();
    }

    private synchronized int inFlight() {
        return inFlight.size();
    }

    /** Ends all that is in flight, and drops the rest; nobody waits for it. */
    @Override
    public void close() {
        List<Sampled> left;
        List<ShadowAttempt> running;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
            running = new ArrayList<>(inFlight);
        }
        left.forEach(Sampled::release);
        running.forEach(ShadowAttempt::cancel);
        forgetting.dispose();
        loops.dispose();
    }
}
