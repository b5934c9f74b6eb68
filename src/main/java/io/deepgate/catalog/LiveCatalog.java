package io.deepgate.catalog;

/** The catalog as it is now: immutable, and replaced whole by the next one that is right. */
public final class LiveCatalog implements AutoCloseable {

    private volatile CatalogProperties properties;
    private volatile Catalog current;

    /** @throws MissingUpstreamKeyException if an upstream has no key */
    public LiveCatalog(CatalogProperties properties) {
        this.properties = properties;
        this.current = new Catalog(properties);
    }

    /** The catalog of the last configuration that was right. A call asks once and goes by what it got. */
    public Catalog current() {
        return current;
    }

    /**
     * Takes {@code now} over, if it is another; calls that have been routed end as they began.
     *
     * @return whether it is another
     * @throws MissingUpstreamKeyException if an upstream has no key; the catalog stays as it was then
     */
    public boolean adopt(CatalogProperties now) {
        if (now.equals(properties)) {
            return false;
        }
        Catalog before = current;
        current = new Catalog(now, before.canaries().values());
        properties = now;
        before.close();
        return true;
    }

    @Override
    public void close() {
        current.close();
    }
}
