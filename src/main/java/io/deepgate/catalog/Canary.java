package io.deepgate.catalog;

/** How far an alias's candidate has been let; outlives reloads that leave the candidate as it is. */
public final class Canary {

    private final String alias;
    private final Candidate candidate;
    private volatile int step;
    private volatile boolean stopped;

    Canary(String alias, Candidate candidate) {
        this.alias = alias;
        this.candidate = candidate;
    }

    public String alias() {
        return alias;
    }

    public Candidate candidate() {
        return candidate;
    }

    /** Percent of the conversations that go to the candidate now, 0 to 100, but for tenants with a share of their own. */
    public double share() {
        return stopped ? 0 : candidate.share(step);
    }

    double share(String tenant) {
        return stopped ? 0 : candidate.share(tenant, step);
    }

    /** From 0; always 0 where there are no steps. */
    public int step() {
        return step;
    }

    public boolean hasNextStep() {
        return !stopped && candidate.hasNext(step);
    }

    public boolean stopped() {
        return stopped;
    }

    /** No conversation goes to the candidate any more, not even those that have begun there. */
    public void stop() {
        stopped = true;
    }

    /** Goes on to {@code step}, unless that has been reached or is none. */
    public synchronized void reach(int step) {
        while (this.step < step && candidate.hasNext(this.step)) {
            this.step++;
        }
    }
}
