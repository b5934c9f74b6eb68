package io.deepgate.catalog;

import org.jspecify.annotations.Nullable;

/**
 * How far an alias's candidate has been let. Reloads that leave its slug, upstream, steps and round as they are leave that,
 * too; with others it begins anew.
 */
public final class Canary {

    private final String alias;
    private final String name;
    private final Candidate candidate;
    private volatile int step;
    private volatile @Nullable String stopped;

    /** @param name what tells it from others of the alias, before and after it */
    Canary(String alias, String name, Candidate candidate) {
        this.alias = alias;
        this.name = alias + ": " + name + ", steps " + candidate.steps() + ", round " + candidate.round();
        this.candidate = candidate;
    }

    Canary as(Canary before) {
        step = before.step;
        stopped = before.stopped;
        return this;
    }

    public String alias() {
        return alias;
    }

    /** The alias and what tells its candidate from others, before and after it. */
    public String name() {
        return name;
    }

    public Candidate candidate() {
        return candidate;
    }

    /** Percent of the conversations that go to the candidate now, 0 to 100, but for tenants with a share of their own. */
    public double share() {
        return stopped() ? 0 : candidate.share(step);
    }

    double share(String tenant) {
        return stopped() ? 0 : candidate.share(tenant, step);
    }

    /** From 0; always 0 where there are no steps. */
    public int step() {
        return step;
    }

    public boolean hasNextStep() {
        return !stopped() && candidate.hasNext(step);
    }

    public boolean stopped() {
        return stopped != null;
    }

    /** Why it has been stopped, a sentence; null if it has not. */
    public @Nullable String reason() {
        return stopped;
    }

    /** No conversation goes to the candidate any more, not even those that have begun there. */
    public void stop(String reason) {
        stopped = reason;
    }

    /** Goes on to {@code step}, unless that has been reached or is none. */
    public synchronized void reach(int step) {
        while (this.step < step && candidate.hasNext(this.step)) {
            this.step++;
        }
    }
}
